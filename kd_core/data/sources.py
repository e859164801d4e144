"""Which reader a source needs: asked of what the file is, not of what its name says."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from kd_core.data.digits import list_digits
from kd_core.data.file_tree import Folder, OneFile
from kd_core.data.inventory import Inventory
from kd_core.data.layouts import list_tree
from kd_core.data.limits import Limits
from kd_core.data.listing import Listing
from kd_core.data.npz import is_npz, list_npz
from kd_core.data.parquet import list_parquet
from kd_core.data.refusal import refused
from kd_core.data.tar_tree import COMPRESSED, TarTree
from kd_core.data.zip_tree import ZipTree, opened
from kd_core.errors import DataInvalid
from kd_core.spec import DataSource
from kd_core.spec.sources import FILE

ACCEPTED = (
    "a folder in one of the layouts of docs/data.md, a .zip, a .tar, .tar.gz, .tgz, .tar.xz or "
    ".tar.bz2 of such a folder, a .parquet with images, or an .npz with images and labels"
)
# A gzipped file that is no tar.
IDX = re.compile(r".*idx[13]-ubyte(\.gz)?", re.IGNORECASE)
# What is a part of a data set, and not a whole one.
PARTS = re.compile(r".*\.(csv|tsv|txt|bin|jpe?g|png)", re.IGNORECASE)
NPZ, TAR = ".npz", ".tar"
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
PARQUET = b"PAR1"
TAR_MARK, TAR_MARK_AT = b"ustar", 257


def list_source(source: DataSource, base: Path, limits: Limits) -> Listing:
    if not source.dataset.startswith(FILE):
        return list_digits()
    path = base / source.dataset.removeprefix(FILE)
    if _is_folder(path):
        tree: Folder | ZipTree | TarTree = Folder(path, limits)
    else:
        start = _start(path)
        if start.startswith(PARQUET):
            there = Inventory(OneFile(path, limits), str(path), limits)
            return list_parquet(there, there.tree.files, unlabelled=source.unlabelled)
        if IDX.fullmatch(path.name):
            raise _part(path)
        if start.startswith(ZIP_STARTS):
            if path.suffix.casefold() == NPZ or _holds_arrays(path, limits):
                return list_npz(path, source, limits)
            tree = ZipTree(path, limits)
        elif _is_tar(path, start):
            tree = TarTree(path, limits)
        else:
            raise _not_a_data_set(path, start)
    return list_tree(Inventory(tree, str(path), limits), unlabelled=source.unlabelled)


def _is_folder(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise refused(
            f"cannot be read: {reason}",
            code="data_not_found",
            hint="check data.dataset; a relative path starts at the folder of the document",
            file=str(path),
        ) from None
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        raise refused(
            "this is neither a file nor a folder",
            code="special_file",
            hint=f"accepted: {ACCEPTED}",
            file=str(path),
        )
    return stat.S_ISDIR(mode)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(TAR_MARK_AT + len(TAR_MARK))
    except OSError as error:
        raise refused(
            f"cannot be read: {error.strerror}",
            code="data_unreadable",
            hint="check who may read it",
            file=str(path),
        ) from None


def _holds_arrays(path: Path, limits: Limits) -> bool:
    with opened(path, limits) as archive:
        return is_npz(archive.namelist())


def _is_tar(path: Path, start: bytes) -> bool:
    # The oldest tars have no mark: there the name decides, and the reader checks.
    marked = start[TAR_MARK_AT:] == TAR_MARK
    return marked or start.startswith(COMPRESSED) or (path.suffix.casefold() == TAR and bool(start))


def _part(path: Path) -> DataInvalid:
    return refused(
        "this file alone is not a data set",
        code="not_a_data_set",
        hint=f"name the folder that holds it and what belongs to it; accepted: {ACCEPTED}",
        file=str(path),
    )


def _not_a_data_set(path: Path, start: bytes) -> DataInvalid:
    if PARTS.fullmatch(path.name) and start:
        return _part(path)
    what = "this is not a data set that can be read" if start else "the file is empty"
    if path.suffix.casefold() == NPZ and start:
        what = "this is not an npz file (those are zip archives)"
    return refused(what, code="not_a_data_set", hint=f"accepted: {ACCEPTED}", file=str(path))
