"""Image folders: one folder a class, with or without `train` and `val` above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kd_core.data.decode import decode
from kd_core.data.file_tree import FileTree, is_litter
from kd_core.data.folder_layout import LAYOUT, Layout, layout_of
from kd_core.data.limits import Limits
from kd_core.data.listing import Listing, Squares
from kd_core.data.refusal import few, refused, without_labels

SUFFIXES = ("png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff")


def list_folder(tree: FileTree, source: str, *, unlabelled: bool, limits: Limits) -> Listing:
    """The images of a tree, in the order of their names; classes in the order of theirs."""
    files = [name for name in tree.files if not _is_hidden(name)]
    folders = [name for name in tree.folders if not _is_hidden(name)]
    images = [name for name in files if _is_image(name)]
    if not images:
        raise refused(
            "there is no image",
            code="no_images",
            hint=f"images end in {', '.join(SUFFIXES)}; their folders: {LAYOUT}",
            file=source,
        )
    layout = layout_of(images, folders, unlabelled=unlabelled)
    used = tuple(name for name in images if layout.uses(name))
    classes = () if unlabelled else _classes(used, folders, layout, source)
    return Listing(
        names=used,
        labels=None if unlabelled else _labels(used, classes, layout),
        held_out=_held_out(used, layout),
        class_names=classes or None,
        squares=partial(_squares, tree, used, limits),
        warnings=tuple(_warnings(files, images, used)),
    )


def _squares(tree: FileTree, names: Sequence[str], limits: Limits, size: int) -> Squares:
    rows = {name: row for row, name in enumerate(names)}
    for name, data in tree.contents(names):
        yield rows[name], decode(data, name, size, limits)


def _is_hidden(name: str) -> bool:
    return any(is_litter(part) for part in name.split("/"))


def _is_image(name: str) -> bool:
    _, dot, suffix = name.rpartition("/")[2].rpartition(".")
    return bool(dot) and suffix.casefold() in SUFFIXES


def _held_out(images: Sequence[str], layout: Layout) -> NDArray[np.bool_] | None:
    if layout.validation is None:
        return None
    return np.array([name.startswith(layout.validation) for name in images])


def _labels(images: Sequence[str], classes: Sequence[str], layout: Layout) -> NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(classes)}
    return np.array([numbers[layout.below(name)[0]] for name in images], dtype=np.int64)


def _classes(
    images: Sequence[str], folders: Sequence[str], layout: Layout, source: str
) -> tuple[str, ...]:
    """The names of the class folders, the same ones in every split, each with an image."""
    loose = [name for name in images if len(layout.below(name)) == 1]
    if len(loose) == len(images):
        raise without_labels("no image lies in a class folder", source)
    if loose:
        raise refused(
            f"images in no class folder ({len(loose)}): {few(loose)}",
            code="image_without_class",
            hint=f"move or remove them; the folders: {LAYOUT}",
            file=loose[0],
        )
    filled = {layout.split_of(name) + layout.below(name)[0] for name in images}
    by_split = [layout.children(split, folders) for split in layout.splits]
    _check_same(by_split, layout)
    for split, classes in zip(layout.splits, by_split, strict=True):
        for name in sorted(classes):
            if split + name not in filled:
                raise refused(
                    "the class folder has no image",
                    code="empty_class",
                    hint="put images into it or remove it",
                    file=split + name,
                )
    return tuple(sorted(by_split[0]))


def _check_same(by_split: Sequence[set[str]], layout: Layout) -> None:
    train, *others = by_split
    for validation in others:
        if validation != train:
            missing, extra = sorted(train - validation), sorted(validation - train)
            parts = [f"missing there: {few(missing)}"] if missing else []
            parts += [f"only there: {few(extra)}"] if extra else []
            raise refused(
                f"the class folders of the two splits differ; {'; '.join(parts)}",
                code="class_sets_differ",
                hint="give both splits the same class folders",
                file=layout.validation,
            )


def _warnings(files: Sequence[str], images: Sequence[str], used: Sequence[str]) -> Iterator[str]:
    taken, known = set(used), set(images)
    others = [name for name in files if name not in known]
    unused = [name for name in images if name not in taken]
    if others:
        yield f"ignored, not images ({len(others)}): {few(others)}"
    if unused:
        yield f"ignored, outside of train and val ({len(unused)}): {few(unused)}"
