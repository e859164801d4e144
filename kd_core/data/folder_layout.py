"""Which leading folders of an image folder are splits, and which ones only wrap the rest."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kd_core.data.listing import TEST, TRAIN, VALIDATION
from kd_core.data.refusal import refused

TRAIN_NAME, VALIDATION_NAMES, TEST_NAME = "train", ("val", "validation", "valid"), "test"
LAYOUT = "<class>/*.png, or train/<class>/*.png with val/<class>/*.png, test/<class>/*.png"


@dataclass(frozen=True)
class Layout:
    """Prefixes of names, each empty or ending in a slash."""

    train: str
    validation: str | None = None
    """None when the data brings no validation split."""
    test: str | None = None

    @property
    def sides(self) -> dict[int, str]:
        """The prefix of each side that there is."""
        sides = {TRAIN: self.train, VALIDATION: self.validation, TEST: self.test}
        return {side: prefix for side, prefix in sides.items() if prefix is not None}

    def uses(self, name: str) -> bool:
        return name.startswith(tuple(self.sides.values()))

    def side_of(self, name: str) -> int:
        return next(side for side, prefix in self.sides.items() if name.startswith(prefix))

    def below(self, name: str) -> list[str]:
        """The parts of a name under its split: its class folder, unless it has none, first."""
        return name.removeprefix(self.sides[self.side_of(name)]).split("/")


def children(prefix: str, folders: Iterable[str]) -> set[str]:
    """The folders that lie directly below a prefix."""
    inside = (name.removeprefix(prefix) for name in folders if name.startswith(prefix))
    return {name for name in inside if name and "/" not in name}


def layout_of(images: Sequence[str], folders: Sequence[str], *, unlabelled: bool) -> Layout:
    """`train` with `val` or `test` are splits when they have images; one folder around all is a
    wrapper, and so are several when there are splits in the innermost one.
    """
    wrapper = _wrapper(images, folders)
    layout = _splits(wrapper, images) or _splits(_around(images), images)
    if layout is not None:
        return layout
    tops = _tops(wrapper, images)
    if tops and not unlabelled and tops.keys() <= {TRAIN_NAME, TEST_NAME, *VALIDATION_NAMES}:
        # They would otherwise become classes.
        raise refused(
            f"of the splits train and val there is only {' and '.join(sorted(tops.values()))}",
            code="split_conflict",
            hint="name the two train and val, or put the class folders of all into one folder",
        )
    return Layout(wrapper)


def _splits(prefix: str, images: Sequence[str]) -> Layout | None:
    tops = _tops(prefix, images)
    folders = {name: f"{prefix}{top}/" for name, top in tops.items()}
    validation = [name for name in VALIDATION_NAMES if name in tops]
    if TRAIN_NAME not in tops or not (validation or TEST_NAME in tops):
        return None
    if len(validation) > 1:
        raise refused(
            f"there are two validation splits: {' and '.join(validation)}",
            code="split_conflict",
            hint="keep one of them",
        )
    held_out = folders[validation[0]] if validation else None
    return Layout(folders[TRAIN_NAME], held_out, folders.get(TEST_NAME))


def _tops(prefix: str, images: Sequence[str]) -> dict[str, str]:
    """The folders with images directly below a prefix, by their names in lower case."""
    below = (name.removeprefix(prefix).partition("/") for name in images if name.startswith(prefix))
    return {top.casefold(): top for top, slash, _ in below if slash}


def _wrapper(images: Sequence[str], folders: Sequence[str]) -> str:
    """The one folder around everything, when it holds folders and no image itself."""
    tops = [name for name in folders if "/" not in name]
    wraps = len(tops) == 1 and all(name.count("/") > 1 for name in images)
    return f"{tops[0]}/" if wraps else ""


def _around(images: Sequence[str]) -> str:
    """The innermost folder around all images: archives of ImageNet have several."""
    folder = posixpath.commonpath([posixpath.dirname(min(images)), posixpath.dirname(max(images))])
    return f"{folder}/" if folder else ""
