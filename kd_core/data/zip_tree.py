"""A zip as a file tree, unpacked one member at a time into memory."""

from __future__ import annotations

import stat
import weakref
import zipfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from kd_core.data.archives import (
    CHUNK_BYTES,
    MemberNames,
    check_member_bytes,
    check_ratio,
    check_total_bytes,
    link_refused,
    reading,
    special_refused,
)
from kd_core.data.limits import Limits
from kd_core.data.refusal import refused
from kd_core.files import sha256_of

ENCRYPTED = 0x1 | 0x40 | 0x2000
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class ZipTree:
    at_random = True

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        names = MemberNames(limits)
        with opened(path, limits) as archive:
            self._members = {
                # `filename` and `is_dir` go by what zipfile has already mended.
                names.add(info.orig_filename, is_folder=info.orig_filename.endswith("/")): info
                for info in archive.infolist()
            }
        self.files = names.files
        self.folders = names.folders
        declared = 0
        for name in self.files:
            check_member(name, self._members[name])
            check_member_bytes(name, self._members[name].file_size, limits)
            declared += self._members[name].file_size
        check_total_bytes(path, declared, limits)

    def contents(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        total = 0
        for name in sorted(names, key=lambda name: self._members[name].header_offset):
            with reading(self._path):
                data = self._unpacked(self._archive, name)
            total += len(data)
            check_total_bytes(self._path, total, self._limits)
            yield name, data

    def streams(self, names: Collection[str]) -> Iterator[tuple[str, IO[bytes]]]:
        for name, data in self.contents(names):
            yield name, BytesIO(data)

    def digest(self, names: Collection[str]) -> str:  # noqa: ARG002 - all lie in one file
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return sha256_of(self._path)

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        """Kept open: to read a long directory again would cost more than a batch does."""
        room = ExitStack()
        weakref.finalize(self, room.close)
        return room.enter_context(opened(self._path, self._limits))

    def _unpacked(self, archive: zipfile.ZipFile, name: str) -> bytes:
        info = self._members[name]
        packed = min(info.compress_size, self._path.stat().st_size)
        parts, size = [], 0
        with archive.open(info) as member:
            while part := member.read(CHUNK_BYTES):
                parts.append(part)
                size += len(part)
                check_member_bytes(name, size, self._limits)
                check_ratio(name, size, packed, self._limits)
        if size != info.file_size:
            raise zipfile.BadZipFile(f"{name} is shorter than the directory says")
        return b"".join(parts)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[zipfile.ZipFile]:
    """The archive with its directory read, which may not be larger than the limits allow."""
    with path.open("rb") as file:
        bounded: Any = _BoundedReads(file, limits.entries * limits.directory_bytes_per_entry)
        with reading(path):
            archive = zipfile.ZipFile(bounded)
        with archive:
            yield archive


def check_member(name: str, info: zipfile.ZipInfo) -> None:
    """Refuse what is not a plain file that can be unpacked piece by piece."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise link_refused(name)
    if kind not in (0, stat.S_IFREG):
        raise special_refused(name)
    if info.flag_bits & ENCRYPTED:
        hint = "make the archive without a password"
        raise refused("this entry is encrypted", code="encrypted", hint=hint, file=name)
    if info.compress_type not in METHODS:
        raise refused(
            f"this entry is compressed by a method that is not read ({info.compress_type})",
            code="unknown_compression",
            hint="make the archive with deflate, the usual method",
            file=name,
        )


class _BoundedReads:
    """A file that never gives much at once: zipfile reads a whole directory in one go, whatever
    size the archive claims for it.
    """

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file = file
        self._most = max(most, CHUNK_BYTES)
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._most + 1 if size < 0 else min(size, self._most + 1))
        if len(data) > self._most:
            raise zipfile.BadZipFile(f"its directory is larger than {self._most} bytes")
        return data

    def close(self) -> None:
        self._file.close()
