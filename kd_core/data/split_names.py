"""Which split a file belongs to, from the words of its name or of the folders that it is in."""

from __future__ import annotations

import re

from kd_core.data.listing import SIDE_NAMES, TEST, TRAIN, VALIDATION
from kd_core.data.refusal import few, refused

# The words that Hugging Face's data sets use, so that theirs are read as they mean them.
SIDES = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("validation", "valid", "val", "dev"), VALIDATION),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), TEST),
}
WORDS = re.compile(r"[^a-z]+")


def side_in(name: str) -> int | None:
    """The innermost part that has such a word decides; None when there is none."""
    for part in reversed(name.casefold().split("/")):
        found = {SIDES[word] for word in WORDS.split(part) if word in SIDES}
        if len(found) > 1:
            raise refused(
                f"the name speaks of {' and '.join(SIDE_NAMES[side] for side in sorted(found))}",
                code="split_conflict",
                hint="rename it to train, validation or test",
                file=name,
            )
        if found:
            return found.pop()
    return None


def sides_of_files(names: list[str]) -> dict[str, int]:
    """The split of each file; one file, or files without any such word, are for training."""
    sides = {name: side_in(name) for name in names}
    if len(names) == 1 or set(sides.values()) == {None}:
        return dict.fromkeys(names, TRAIN)
    unclear = [name for name, side in sides.items() if side is None]
    if unclear:
        raise refused(
            f"it is not said which split these belong to: {few(unclear)}",
            code="split_conflict",
            hint="put train, validation or test into the names of all, or of none",
            file=unclear[0],
        )
    return {name: side for name, side in sides.items() if side is not None}
