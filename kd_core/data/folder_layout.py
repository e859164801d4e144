"""Which leading folders of an image folder are splits, and which one only wraps the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kd_core.data.refusal import refused

TRAIN, VALIDATION, TEST = "train", ("val", "validation", "valid"), "test"
LAYOUT = "<class>/*.png, or train/<class>/*.png with val/<class>/*.png"


@dataclass(frozen=True)
class Layout:
    """Prefixes of names, each empty or ending in a slash."""

    train: str
    validation: str | None
    """None when the data brings no split."""

    @property
    def splits(self) -> tuple[str, ...]:
        return (self.train,) if self.validation is None else (self.train, self.validation)

    def uses(self, name: str) -> bool:
        return name.startswith(self.splits)

    def split_of(self, name: str) -> str:
        return next(split for split in self.splits if name.startswith(split))

    def below(self, name: str) -> list[str]:
        """The parts of a name under its split: its class folder, unless it has none, first."""
        return name.removeprefix(self.split_of(name)).split("/")

    def children(self, split: str, folders: Iterable[str]) -> set[str]:
        """The folders that lie directly in a split."""
        inside = (name.removeprefix(split) for name in folders if name.startswith(split))
        return {name for name in inside if name and "/" not in name}


def layout_of(images: Sequence[str], folders: Sequence[str], *, unlabelled: bool) -> Layout:
    """`train` and `val` are splits when both have images; one folder around all is a wrapper."""
    wrapper = _wrapper(images, folders)
    tops = {
        top.casefold(): top
        for top, slash, _ in (name.removeprefix(wrapper).partition("/") for name in images)
        if slash
    }
    validation = [name for name in VALIDATION if name in tops]
    if TRAIN in tops and len(validation) == 1:
        return Layout(f"{wrapper}{tops[TRAIN]}/", f"{wrapper}{tops[validation[0]]}/")
    if TRAIN in tops and validation:
        raise refused(
            f"there are two validation splits: {' and '.join(validation)}",
            code="split_conflict",
            hint="keep one of them",
        )
    if tops and not unlabelled and tops.keys() <= {TRAIN, TEST, *VALIDATION}:
        # They would otherwise become classes.
        raise refused(
            f"of the splits train and val there is only {' and '.join(sorted(tops.values()))}",
            code="split_conflict",
            hint="name the two train and val, or put the class folders of all into one folder",
        )
    return Layout(wrapper, None)


def _wrapper(images: Sequence[str], folders: Sequence[str]) -> str:
    """The one folder around everything, when it holds folders and no image itself."""
    tops = [name for name in folders if "/" not in name]
    wraps = len(tops) == 1 and all(name.count("/") > 1 for name in images)
    return f"{tops[0]}/" if wraps else ""
