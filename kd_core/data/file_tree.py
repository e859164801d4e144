"""Files by relative name, whatever holds them: the interface, and the plain directory."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO, Protocol

from kd_core.data.limits import Limits
from kd_core.data.refusal import refused
from kd_core.errors import DataInvalid
from kd_core.files import sha256_of

LITTER = ("__macosx", "thumbs.db", "desktop.ini")
# Control characters, halves of characters, and line breaks in disguise.
UNWRITABLE = ("Cc", "Cs", "Zl", "Zp")


class FileTree(Protocol):
    """The regular files of a source. Names are relative, with `/`, sorted, and safe to show."""

    files: tuple[str, ...]
    folders: tuple[str, ...]
    """Every folder, also an empty one."""
    at_random: bool
    """Whether a few files can be had without reading the others."""

    def contents(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """(name, bytes) of each of these files, in the order that the source reads best."""

    def streams(self, names: Collection[str]) -> Iterator[tuple[str, IO[bytes]]]:
        """The same as open files to move about in, for those that hold many images each."""

    def digest(self, names: Collection[str]) -> str:
        """SHA-256 of the bytes that these files come from, or of more. Hexadecimal."""


def content(tree: FileTree, name: str) -> bytes:
    """The bytes of one file."""
    for _, data in tree.contents([name]):
        return data
    raise refused(
        "the file went missing while the data was read",
        code="data_changed",
        hint="leave the data alone while a run reads it, and start again",
        file=name,
    )


def is_litter(part: str) -> bool:
    """Whether an operating system or a tool left this file or folder behind, unasked."""
    return part.startswith(".") or part.casefold() in LITTER


def check_text(name: str) -> None:
    """Refuse a name that cannot be shown or stored as text."""
    # Most names are printable; what is not may still be a space of another script.
    if not name.isprintable() and any(unicodedata.category(c) in UNWRITABLE for c in name):
        raise refused(
            f"the file name {name!a} has control characters or is not valid text",
            code="unsafe_name",
            hint="rename the file",
            file=ascii(name),
        )


class Folder:
    """A directory on disk. Hidden files and folders are not looked into."""

    at_random = True

    def __init__(self, root: Path, limits: Limits) -> None:
        self._root = root.resolve()
        self._limits = limits
        files: list[str] = []
        folders: list[str] = []
        waiting = [""]
        while waiting:
            for name, is_folder in self._children(waiting.pop()):
                if is_folder:
                    waiting.append(name)
                    folders.append(name)
                else:
                    files.append(name)
        self.files = tuple(sorted(files))
        self.folders = tuple(sorted(folders))

    def contents(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            try:
                with (self._root / name).open("rb") as file:
                    data = file.read(self._limits.member_bytes + 1)
            except OSError as error:
                raise _unreadable(name, error) from None
            if len(data) > self._limits.member_bytes:
                raise refused(
                    f"the file is larger than {self._limits.member_bytes} bytes",
                    code="file_too_large",
                    hint="store the image smaller",
                    file=name,
                )
            yield name, data

    def streams(self, names: Collection[str]) -> Iterator[tuple[str, IO[bytes]]]:
        """Of any size: they are read piece by piece, by a reader that counts."""
        return _streams(self._root, names)

    def digest(self, names: Collection[str]) -> str:
        return _digest(self._root, names)

    def _children(self, folder: str) -> Iterator[tuple[str, bool]]:
        """(name, whether it is a folder) of what lies directly in a folder."""
        try:
            with os.scandir(self._root / folder) as entries:
                for entry in entries:
                    if not is_litter(entry.name):
                        name = f"{folder}/{entry.name}" if folder else entry.name
                        check_text(name)
                        yield name, self._is_folder(name)
        except OSError as error:
            raise _unreadable(folder or str(self._root), error) from None

    def _is_folder(self, name: str) -> bool:
        path = self._root / name
        if path.is_symlink():
            self._check_link(name)
        mode = path.stat().st_mode
        if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
            raise refused(
                "this is neither a file nor a folder (a pipe, a socket or a device)",
                code="special_file",
                hint="remove it",
                file=name,
            )
        return stat.S_ISDIR(mode)

    def _check_link(self, name: str) -> None:
        """A link may stand for a file of the same folder, and for nothing else."""
        target = Path(os.path.realpath(self._root / name))
        if not target.is_relative_to(self._root):
            what = "a link that leaves the folder"
        elif target.is_dir():
            what = "a link to a folder, whose images would be read twice or without end"
        elif not target.exists():
            what = "a link to nothing"
        else:
            return
        hint = "put the files themselves there"
        raise refused(f"this is {what}", code="link_refused", hint=hint, file=name)


class OneFile:
    """A single file that is a data set of its own."""

    folders: tuple[str, ...] = ()
    at_random = False

    def __init__(self, path: Path, limits: Limits) -> None:
        check_text(path.name)
        self._folder = path.parent
        self._limits = limits
        self.files: tuple[str, ...] = (path.name,)

    def contents(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        for name, file in self.streams(names):
            yield name, file.read(self._limits.member_bytes)

    def streams(self, names: Collection[str]) -> Iterator[tuple[str, IO[bytes]]]:
        return _streams(self._folder, names)

    def digest(self, names: Collection[str]) -> str:
        return _digest(self._folder, names)


def _digest(folder: Path, names: Collection[str]) -> str:
    """Of each file's name and bytes, in the order of `names`."""
    whole = hashlib.sha256()
    for name in names:
        try:
            whole.update(f"{name}\0{sha256_of(folder / name)}\0".encode())
        except OSError as error:
            raise _unreadable(name, error) from None
    return whole.hexdigest()


def _streams(folder: Path, names: Collection[str]) -> Iterator[tuple[str, IO[bytes]]]:
    for name in names:
        try:
            file = (folder / name).open("rb")
        except OSError as error:
            raise _unreadable(name, error) from None
        with file:
            yield name, file


def _unreadable(name: str, error: OSError) -> DataInvalid:
    return refused(
        f"cannot be read: {error.strerror}",
        code="data_unreadable",
        hint="check that it exists and who may read it",
        file=name,
    )
