"""Image folders: one folder a class, with or without `train`, `val` and `test` above them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from kd_core.data.decode import ImageDamaged, decode
from kd_core.data.folder_layout import LAYOUT, Layout, children, layout_of
from kd_core.data.inventory import SUFFIXES, Inventory
from kd_core.data.listing import SIDE_NAMES, TEST, TRAIN, VALIDATION, Listing, Rows, Squares
from kd_core.data.refusal import few, refused, without_labels
from kd_core.data.validation_list import ValidationList, find_list, is_flat, no_list


def list_folder(there: Inventory, *, unlabelled: bool) -> Listing:
    """The images of a tree, in the order of their names; classes in the order of theirs."""
    if not there.images:
        raise refused(
            f"there is no image, and no other layout that is known; found: {there.in_words()}",
            code="no_images",
            hint=f"images end in {', '.join(SUFFIXES)}; their folders: {LAYOUT}; the other "
            "layouts are in docs/data.md",
            file=there.source,
        )
    layout = layout_of(there.images, there.folders, unlabelled=unlabelled)
    if not unlabelled:
        layout = _with_labelled_test(layout, there)
    used = tuple(name for name in there.images if layout.uses(name))
    if unlabelled:
        return _listing(there, layout, used)
    listed = _validation_list(there, layout, used)
    in_folders = [name for name in used if listed is None or layout.side_of(name) != VALIDATION]
    classes = _classes(in_folders, there, replace(layout, validation=None) if listed else layout)
    of_listed = listed.classes(used, layout, classes) if listed else {}
    labels = _labels(used, classes, layout, of_listed)
    listing = _listing(there, layout, used, listed)
    return replace(listing, labels=labels, class_names=classes)


def _listing(
    there: Inventory, layout: Layout, used: tuple[str, ...], listed: ValidationList | None = None
) -> Listing:
    sides = np.array([layout.side_of(name) for name in used], dtype=np.int8)
    return Listing(
        names=used,
        labels=None,
        sides=sides if sides.any() else None,
        class_names=None,
        squares=partial(image_squares, there, used),
        content=partial(image_content, there, used),
        at_random=there.tree.at_random,
        layout="image folder" if listed is None else f"image folder with {listed.kind}",
        warnings=tuple(_warnings(there, used, listed)),
    )


def image_squares(there: Inventory, names: Sequence[str], size: int, rows: Rows) -> Squares:
    """These image files, decoded or damaged, each with its place among the names."""
    wanted = {names[row]: row for row in rows.tolist()}
    for name, data in there.tree.contents(wanted):
        try:
            yield wanted[name], decode(data, name, size, there.limits)
        except ImageDamaged as error:
            yield wanted[name], error


def image_content(there: Inventory, names: Sequence[str], rows: Rows) -> str:
    return there.tree.digest([names[row] for row in rows.tolist()])


def _with_labelled_test(layout: Layout, there: Inventory) -> Layout:
    """Competitions hide the labels of their test split: then there is none to measure on."""
    if layout.test is None:
        return layout
    known = children(layout.train, there.folders)
    tested = {layout.below(name)[0] for name in there.images if name.startswith(layout.test)}
    return layout if tested & known else replace(layout, test=None)


def _validation_list(
    there: Inventory, layout: Layout, used: Sequence[str]
) -> ValidationList | None:
    if not is_flat(layout, used, children(layout.train, there.folders)):
        return None
    found = find_list(there, layout)
    if found is None and all(len(layout.below(name)) == 1 for name in _held_out(used, layout)):
        raise no_list(layout)
    return found


def _held_out(used: Sequence[str], layout: Layout) -> list[str]:
    return [name for name in used if layout.side_of(name) == VALIDATION]


def _labels(
    images: Sequence[str], classes: Sequence[str], layout: Layout, listed: Mapping[str, int]
) -> NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(classes)}
    return np.array(
        [listed[name] if name in listed else numbers[layout.below(name)[0]] for name in images],
        dtype=np.int64,
    )


def _classes(images: Sequence[str], there: Inventory, layout: Layout) -> tuple[str, ...]:
    """The names of the class folders, the same ones in every split, each with an image."""
    loose = [name for name in images if len(layout.below(name)) == 1]
    if len(loose) == len(images):
        raise without_labels("no image lies in a class folder", there.source)
    if loose:
        raise refused(
            f"images in no class folder ({len(loose)}): {few(loose)}",
            code="image_without_class",
            hint=f"move or remove them; the folders: {LAYOUT}",
            file=loose[0],
        )
    by_side = {side: children(prefix, there.folders) for side, prefix in layout.sides.items()}
    _check_same(by_side, layout)
    filled = {(layout.side_of(name), layout.below(name)[0]) for name in images}
    for side in by_side.keys() - {TEST}:
        for name in sorted(by_side[side]):
            if (side, name) not in filled:
                raise refused(
                    "the class folder has no image",
                    code="empty_class",
                    hint="put images into it or remove it",
                    file=layout.sides[side] + name,
                )
    return tuple(sorted(by_side[TRAIN]))


def _check_same(by_side: Mapping[int, set[str]], layout: Layout) -> None:
    train = by_side[TRAIN]
    for side, classes in by_side.items():
        # A class that nobody tests is warned of where the labels are counted.
        missing = [] if side == TEST else sorted(train - classes)
        extra = sorted(classes - train)
        if missing or extra:
            parts = [f"missing there: {few(missing)}"] if missing else []
            parts += [f"only there: {few(extra)}"] if extra else []
            raise refused(
                f"the class folders of train and {SIDE_NAMES[side]} differ; {'; '.join(parts)}",
                code="class_sets_differ",
                hint="give both splits the same class folders",
                file=layout.sides[side],
            )


def _warnings(
    there: Inventory, used: Sequence[str], listed: ValidationList | None
) -> Iterator[str]:
    taken, known = set(used), set(there.images)
    others = [name for name in there.files if name not in known]
    if listed is not None:
        others = [name for name in others if not listed.brings(name)]
    unused = [name for name in there.images if name not in taken]
    if others:
        yield f"ignored, not images ({len(others)}): {few(others)}"
    if unused:
        yield f"ignored, outside of the labelled splits ({len(unused)}): {few(unused)}"
