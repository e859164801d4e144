"""What stands around a network's weights in a checkpoint: the keys of a file, prefixes of names.

Training scripts save more than a state dict, and networks inside others. What is known of that is
taken off, and said; what is not known is refused later, because no name fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WRAPPERS = ("state_dict_ema", "model_ema", "state_dict", "model", "net")
"""Keys under which weights are kept. The first that is there is opened: averaged weights come
first, as timm has it, because they are the ones that a training that averages ships.
"""
PARALLEL = "module."
COUNTER = "n_averaged"  # what torch's AveragedModel keeps beside `module.`
COMPILED = "_orig_mod."
OWNERS = ("model_ema.", "ema_model.", "student.", "model.", "net.")
"""What lightning modules, distillers and averages call the network that they train, in the order
in which they are looked for. No network of timm has a part of such a name.
"""


@dataclass(frozen=True)
class Bare:
    """The names of a network's own tensors, and what was taken off to get there."""

    names: Mapping[str, str]
    """From the network's own name to the one in the file."""
    steps: tuple[str, ...]


def bare(names: Iterable[str]) -> Bare:
    """Take off every prefix of a known wrapper, from the outside in."""
    found, steps = _never_compiled({name: name for name in names})
    while prefix := _outermost(found):
        inside = {
            name.removeprefix(prefix): original
            for name, original in found.items()
            if name.startswith(prefix)
        }
        steps.append(_removal(prefix, len(found) - len(inside)))
        found = inside
    return Bare(found, tuple(steps))


def opening(opened: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """In words: the keys that were opened, each with those beside it that were not."""
    return tuple(
        f"read from {taken}" + (f", not from {' or '.join(others)} beside it" if others else "")
        for taken, *others in opened
    )


def _never_compiled(found: Mapping[str, str]) -> tuple[Mapping[str, str], list[str]]:
    """torch.compile puts its prefix before any part that it was given, so it may stand anywhere."""
    plain = {_without_compiled(name): original for name, original in found.items()}
    changed = sum(name not in plain for name in found)
    if not changed or len(plain) < len(found):
        return found, []
    return plain, [f"{COMPILED} removed from {changed} names"]


def _without_compiled(name: str) -> str:
    parts = name.split(".")
    return ".".join(part for part in parts if f"{part}." != COMPILED)


def _outermost(found: Mapping[str, str]) -> str | None:
    rest = [name for name in found if not name.startswith(PARALLEL)]
    if len(rest) < len(found) and set(rest) <= {COUNTER}:
        return PARALLEL
    owners = (owner for owner in OWNERS if any(name.startswith(owner) for name in found))
    return next(owners, None)


def _removal(prefix: str, left: int) -> str:
    outside = f", {left} {'tensors' if left > 1 else 'tensor'} without it left out" if left else ""
    return f"prefix {prefix} removed{outside}"
