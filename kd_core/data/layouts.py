"""Which layout a tree of files has. Each is recognised by marks of its own; a tree with the marks
of two is refused, and one with the marks of none is an image folder.
"""

from __future__ import annotations

from collections.abc import Callable

from kd_core.data import cifar, cub, idx, image_table, parquet
from kd_core.data.image_folder import list_folder
from kd_core.data.inventory import Inventory
from kd_core.data.layout_reader import Reader
from kd_core.data.listing import Listing
from kd_core.data.refusal import refused

# What each sees in a tree: a reader of it, or nothing.
LAYOUTS: dict[str, Callable[[Inventory], Reader | None]] = {
    "CIFAR-10": cifar.recognise_10,
    "CIFAR-100": cifar.recognise_100,
    "IDX (MNIST)": idx.recognise,
    "Parquet": parquet.recognise,
    "CUB-200-2011": cub.recognise,
    "images with a table": image_table.recognise,
}


def list_tree(there: Inventory, *, unlabelled: bool) -> Listing:
    seen = {name: recognise(there) for name, recognise in LAYOUTS.items()}
    readers = {name: reader for name, reader in seen.items() if reader is not None}
    if len(readers) > 1:
        raise refused(
            f"this looks like {' and like '.join(readers)}",
            code="layout_conflict",
            hint="name the folder of one of them, or move the other away",
            file=there.source,
        )
    for reader in readers.values():
        return reader(unlabelled=unlabelled)
    return list_folder(there, unlabelled=unlabelled)
