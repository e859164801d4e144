"""A folder as one file: a tar that is the same, byte for byte, whenever the files are the same."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stillhouse.client.errors import FileUnusable

# What operating systems leave behind unasked; the reader of the data skips the same names.
LITTER = ("__macosx", "thumbs.db", "desktop.ini")


@contextmanager
def one_file(path: Path) -> Iterator[tuple[Path, str]]:
    """A file to read and the name to announce it under; a folder is packed for as long as this."""
    if not path.is_dir():
        yield path, path.name
        return
    name = f"{path.resolve().name or 'data'}.tar"
    with tempfile.TemporaryDirectory(prefix="stillhouse-") as folder:
        packed = Path(folder) / "packed.tar"
        try:
            pack(path, packed)
        except OSError as error:
            where = error.filename or folder
            message = f"{path} cannot be packed into one file: {error.strerror}"
            hint = "set TMPDIR to a folder with enough room, or give a .tar or .zip"
            raise FileUnusable(message, hint=hint, file=str(where)) from None
        yield packed, name


def pack(folder: Path, target: Path) -> None:
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as tar:
        for name in members(folder):
            with (folder / name).open("rb") as file:
                entry = tarfile.TarInfo(name)
                entry.size = os.fstat(file.fileno()).st_size
                # Who packed it, and when, says nothing about the data: it would change the digest.
                entry.mtime, entry.mode = 0, 0o644
                tar.addfile(entry, file)


def members(folder: Path) -> list[str]:
    """The files to send, by relative name, sorted. Hidden ones stay at home."""
    root = folder.resolve()
    found = []
    for here, folders, files in os.walk(root, onerror=_raise):
        folders[:] = [name for name in folders if not _is_litter(name)]
        for name in [*folders, *(name for name in files if not _is_litter(name))]:
            path = Path(here, name)
            relative = path.relative_to(root).as_posix()
            _check(root, path, relative)
            if name in files:
                found.append(relative)
    if not found:
        raise FileUnusable("there are no files in this folder", file=str(folder))
    return sorted(found)


def _check(root: Path, path: Path, name: str) -> None:
    """A link may stand for a file of the same folder: then its content is sent, and no link."""
    real = path.resolve()
    if path.is_symlink() and (real.is_dir() or not real.is_relative_to(root)):
        what = "a link to a folder" if real.is_dir() else "a link that leaves the folder"
        raise FileUnusable(f"this is {what}", hint="put the files themselves there", file=name)
    if not real.is_file() and not real.is_dir():
        raise FileUnusable("this is neither a file nor a folder", hint="remove it", file=name)
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise FileUnusable("this name is not text", hint="rename it", file=ascii(name)) from None


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.casefold() in LITTER


def _raise(error: OSError) -> None:
    raise error
