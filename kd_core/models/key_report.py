"""How the tensors of a checkpoint differ from those of a network: names, shapes, types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.architectures import architectures
from kd_core.errors import Problem
from kd_core.problems import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from torch import Tensor

SHOWN_NAMES = 5
# With fewer of the network's names than this, the checkpoint belongs to another one.
SAME_ARCHITECTURE = 0.5


@dataclass(frozen=True)
class _Comparison:
    """A checkpoint beside the network that it is meant for."""

    expected: Mapping[str, Tensor]
    found: Mapping[str, Tensor]

    @property
    def missing(self) -> list[str]:
        return [name for name in self.expected if name not in self.found]

    @property
    def extra(self) -> list[str]:
        return [name for name in self.found if name not in self.expected]

    @property
    def shared(self) -> list[str]:
        return [name for name in self.expected if name in self.found]

    @property
    def misshapen(self) -> list[str]:
        return [name for name in self.shared if self.expected[name].shape != self.found[name].shape]

    @property
    def mistyped(self) -> list[str]:
        """Where one side has real numbers and the other counts, or something else altogether."""
        return [
            name
            for name in self.shared
            if self.expected[name].is_floating_point() != self.found[name].is_floating_point()
        ]

    def shapes(self, name: str) -> str:
        return f"{shown(name)} is {_shape(self.found[name])}, not {_shape(self.expected[name])}"

    def types(self, name: str) -> str:
        found, expected = self.found[name].dtype, self.expected[name].dtype
        return f"{shown(name)} is {found}, not {expected}".replace("torch.", "")


def misfits(
    *,
    expected: Mapping[str, Tensor],
    found: Mapping[str, Tensor],
    architecture: str,
    classifier: str | None,
    pointer: str,
    file: str,
) -> tuple[Problem, ...]:
    """Every difference at once; none when the checkpoint fits. The first carries the way out."""
    both = _Comparison(expected, found)
    if head := _head_misfit(both, classifier):
        return (Problem(*head, pointer, file),)
    hint = _way_out(both, architecture)
    problems: list[Problem] = []
    for code, sentence, names, tell in _differences(both):
        if names:
            where = f"{len(names)} of the {len(expected)} tensors of {architecture}"
            message = sentence.format(
                architecture=architecture, count=len(names), where=where, names=_listed(names, tell)
            )
            problems.append(Problem(code, message, "" if problems else hint, pointer, file))
    return tuple(problems)


def _differences(
    both: _Comparison,
) -> Iterator[tuple[str, str, list[str], Callable[[str], str]]]:
    """The kinds of difference: code, sentence, the names it holds for, how to tell one."""
    yield "keys_missing", "the checkpoint lacks {where}: {names}", both.missing, shown
    sentence = (
        "the checkpoint has tensors that {architecture} does not have, {count} in all: {names}"
    )
    yield "keys_extra", sentence, both.extra, shown
    yield "shapes_differ", "the shape differs in {where}: {names}", both.misshapen, both.shapes
    sentence = "the kind of number differs in {where}: {names}"
    yield "types_differ", sentence, both.mistyped, both.types


def _head_misfit(both: _Comparison, classifier: str | None) -> tuple[str, str, str] | None:
    """The frequent cases: everything fits but the last layer."""
    rows = f"{classifier}.weight"
    if both.extra or both.mistyped or rows not in both.expected:
        return None
    if both.missing and not both.misshapen:
        headless = all(name.startswith(f"{classifier}.") for name in both.missing)
        return HEADLESS if headless and rows in both.missing else None
    if not both.misshapen or both.missing or both.found[rows].ndim == 0:
        return None
    here, there = both.expected[rows].shape[0], both.found[rows].shape[0]
    for name in both.misshapen:
        ours, theirs = both.expected[name].shape, both.found[name].shape
        if ours != (here, *ours[1:]) or theirs != (there, *ours[1:]):
            return None
    return (
        "classes_differ",
        f"the checkpoint has {there} classes, the data has {here}",
        "give a checkpoint that was trained on these classes, or the data that it was trained on",
    )


HEADLESS = (
    "classifier_missing",
    "the checkpoint has no classifier: it was saved without its last layer",
    "give the checkpoint of the whole classifier; a fresh last layer would only guess",
)


def _way_out(both: _Comparison, architecture: str) -> str:
    if prefix := _foreign_prefix(both):
        return (
            f"every name starts with {shown(prefix)}, a wrapper that this version does not know: "
            "save the tensors under the model's own names, "
            f"{{name.removeprefix({shown(prefix)}): tensor for name, tensor in state.items()}}"
        )
    if len(both.shared) < SAME_ARCHITECTURE * len(both.expected):
        papers = f"{architecture}_cifar"
        theirs = f"; the distillation papers' is {papers}" if papers in architectures() else ""
        return (
            f"the names look like another architecture; check `architecture`: {architecture} "
            f"starts with {_listed(list(both.expected), shown, 2)}{theirs}"
        )
    if any(name.endswith("pos_embed") for name in both.misshapen):
        return (
            "it was trained on images of another size; set image_size beside architecture to that"
        )
    return f"check `architecture` ({architecture}): it is close to what the checkpoint holds"


def _foreign_prefix(both: _Comparison) -> str | None:
    """What wrappers (DataParallel, torch.compile, Lightning) put before every name."""
    first = next(iter(both.expected), "")
    for name in both.found:
        prefix = name.removesuffix(first)
        if prefix != name and prefix.endswith("."):
            break
    else:
        return None
    return prefix if all(name.startswith(prefix) for name in both.found) else None


def _listed(names: Sequence[str], tell: Callable[[str], str], count: int = SHOWN_NAMES) -> str:
    rest = len(names) - count
    text = "; ".join(tell(name) for name in names[:count])
    return f"{text}; and {rest} more" if rest > 0 else text


def _shape(tensor: Tensor) -> str:
    return str(list(tensor.shape))
