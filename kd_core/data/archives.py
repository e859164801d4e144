"""The laws that every archive is read under: names that stay inside, and sizes that are counted
as bytes come out instead of being believed.
"""

from __future__ import annotations

import lzma
import re
import struct
import tarfile
import tokenize
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kd_core.data.file_tree import check_text
from kd_core.data.limits import Limits
from kd_core.data.refusal import refused
from kd_core.errors import DataInvalid

DRIVE = re.compile(r"[A-Za-z]:")
CHUNK_BYTES = 1 << 20
# What the standard library's readers are seen to raise on damaged archives.
DAMAGED = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
    MemoryError,
    # NumPy reads the header of an array as Python text.
    SyntaxError,
    TypeError,
    tokenize.TokenError,
)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Whatever the archive's reader stumbles over inside is damage, and is said so."""
    try:
        yield
    except DAMAGED as error:
        raise refused(
            f"the archive is truncated or damaged: {str(error) or type(error).__name__}",
            code="archive_damaged",
            hint="make it again, and compare its size after copying",
            file=str(path),
        ) from None


class MemberNames:
    """The names of an archive's members: each one safe, and none like another."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._spellings: dict[str, str] = {}
        self._entries = 0
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def add(self, raw: str, *, is_folder: bool) -> str:
        """The member's name as a relative path; empty for the root."""
        self._count()
        parts = _parts(raw, self._limits)
        if not parts and not is_folder:
            raise _unsafe(raw, "is empty")
        name = "/".join(parts)
        for depth in range(1, len(parts)):
            self._place("/".join(parts[:depth]), is_folder=True)
        if parts:
            self._place(name, is_folder=is_folder)
        return name

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    @property
    def folders(self) -> tuple[str, ...]:
        return tuple(sorted(self._folders))

    def _count(self) -> None:
        self._entries += 1
        if self._entries > self._limits.entries:
            raise refused(
                f"the archive has more than {self._limits.entries} entries",
                code="too_many_entries",
                hint="unpack it and name the folder instead",
            )

    def _place(self, name: str, *, is_folder: bool) -> None:
        if is_folder and name in self._folders:
            return
        if name in self._files or name in self._folders:
            raise _clash(name, "the archive has two entries of this name")
        folded = unicodedata.normalize("NFC", name).casefold()
        other = self._spellings.setdefault(folded, name)
        if other != name:
            raise _clash(name, f"the name differs from {other} in the case of letters only")
        (self._folders if is_folder else self._files).add(name)


def _clash(name: str, message: str) -> DataInvalid:
    hint = "rename or remove one of the two"
    return refused(message, code="duplicate_name", hint=hint, file=name)


def _parts(raw: str, limits: Limits) -> list[str]:
    if len(raw) > limits.name_characters:
        raise _unsafe(f"{raw[:40]}...", f"is longer than {limits.name_characters} characters")
    check_text(raw)
    if raw.startswith("/") or DRIVE.match(raw):
        raise _unsafe(raw, "is absolute")
    if "\\" in raw:
        raise _unsafe(raw, "has a backslash, which some systems read as a folder")
    parts = [part for part in raw.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise _unsafe(raw, "leads out of the archive by '..'")
    return parts


def _unsafe(name: str, what: str) -> DataInvalid:
    hint = "make the archive from inside the data's own folder"
    return refused(f"the name of this entry {what}", code="unsafe_name", hint=hint, file=name)


def link_refused(name: str) -> DataInvalid:
    hint = "put the file itself into the archive (tar: --dereference --hard-dereference)"
    return refused("this entry is a link", code="link_refused", hint=hint, file=name)


def special_refused(name: str) -> DataInvalid:
    return refused(
        "this entry is neither a file nor a folder",
        code="special_file",
        hint="leave it out of the archive",
        file=name,
    )


def check_member_bytes(name: str, size: int, limits: Limits) -> None:
    if size > limits.member_bytes:
        raise refused(
            f"the file is larger than {limits.member_bytes} bytes",
            code="file_too_large",
            hint="store the image smaller, or leave the file out",
            file=name,
        )


def check_total_bytes(path: Path, size: int, limits: Limits) -> None:
    if size > limits.total_bytes:
        raise refused(
            f"the archive unpacks to more than {limits.total_bytes} bytes",
            code="archive_too_large",
            hint="unpack it and name the folder instead",
            file=str(path),
        )


def check_ratio(name: str, unpacked: int, packed: int, limits: Limits) -> None:
    if unpacked > limits.ratio_from_bytes and unpacked > limits.compression_ratio * packed:
        raise refused(
            f"this unpacks to more than {limits.compression_ratio} times its size, as a "
            "decompression bomb does",
            code="compression_bomb",
            hint="pack the images as PNG or JPEG, or name an unpacked folder",
            file=name,
        )
