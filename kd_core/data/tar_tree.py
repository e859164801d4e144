"""A tar, plain or compressed, as a file tree: read from front to back, never to disk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
from collections.abc import Collection, Iterator
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

GZIP, XZ, BZIP2 = b"\x1f\x8b", b"\xfd7zXZ\x00", b"BZh"
COMPRESSED = (GZIP, XZ, BZIP2)


class TarTree:
    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        names = MemberNames(limits)
        self._places: dict[str, tuple[int, int]] = {}
        for member, stream in self._members():
            name = names.add(member.name, is_folder=member.isdir())
            _check_member(name, member, limits)
            if stream.is_plain:
                self._places[name] = member.offset_data, member.size
        self._version = _version(path.stat())
        self.files = names.files
        self.folders = names.folders
        self.at_random = bool(self._places)

    def contents(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        return self._found(names) if self.at_random else self._passed(names)

    def _found(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Of a plain tar: each at its place, in the order of the places."""
        with self._path.open("rb") as file:
            if _version(os.fstat(file.fileno())) != self._version:
                raise refused(
                    "the archive is another one than when it was listed",
                    code="data_changed",
                    hint="leave the data alone while a run reads it, and start again",
                    file=str(self._path),
                )
            for name in sorted(names, key=self._places.__getitem__):
                start, size = self._places[name]
                with reading(self._path):
                    file.seek(start)
                    data = file.read(size)
                    if len(data) != size:
                        raise EOFError("unexpected end of data")
                yield name, data

    def _passed(self, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
        """Of a compressed tar: all that comes by on the way through it."""
        wanted, again = set(names), MemberNames(self._limits)
        for member, stream in self._members():
            name = again.add(member.name, is_folder=member.isdir())
            _check_member(name, member, self._limits)
            if name in wanted:
                with reading(self._path):
                    stream.seek(member.offset_data)
                    data = stream.read(member.size)
                yield name, data

    def streams(self, names: Collection[str]) -> Iterator[tuple[str, IO[bytes]]]:
        for name, data in self.contents(names):
            yield name, BytesIO(data)

    def digest(self, names: Collection[str]) -> str:  # noqa: ARG002 - all lie in one file
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return sha256_of(self._path)

    def _members(self) -> Iterator[tuple[tarfile.TarInfo, _Forward]]:
        """Each member, and the stream standing where its bytes begin."""
        with self._path.open("rb") as packed, _unpacking(packed) as unpacked:
            stream = _Forward(self._path, packed, unpacked, self._limits)
            source: Any = stream
            with reading(self._path):
                tar = tarfile.TarFile(fileobj=source, encoding="utf-8", errors="surrogateescape")
                member = tar.next()
            while member is not None:
                stream.allow(member.size)
                yield member, stream
                tar.members.clear()  # type: ignore[attr-defined]  # or every header is kept
                with reading(self._path):
                    member = tar.next()
            with reading(self._path):
                stream.check_end()


def _version(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _unpacking(packed: IO[bytes]) -> IO[bytes]:
    start = packed.read(len(XZ))
    packed.seek(0)
    openers: dict[bytes, Any] = {GZIP: gzip.open, XZ: lzma.open, BZIP2: bz2.open}
    for magic, opener in openers.items():
        if start.startswith(magic):
            unpacked: IO[bytes] = opener(packed, "rb")
            return unpacked
    return packed


def _check_member(name: str, member: tarfile.TarInfo, limits: Limits) -> None:
    if member.issym() or member.islnk():
        raise link_refused(name)
    # A sparse file claims any size it likes and brings no bytes for it.
    if not (member.isdir() or member.isreg()) or member.issparse():
        raise special_refused(name)
    check_member_bytes(name, member.size, limits)


class _Forward:
    """What tarfile reads through. It counts what comes out, and goes forwards only: a header with
    a negative size would otherwise send tarfile round in circles.
    """

    def __init__(self, path: Path, packed: IO[bytes], unpacked: IO[bytes], limits: Limits) -> None:
        self._path = path
        self._packed = packed
        self._unpacked = unpacked
        self._limits = limits
        self._position = 0
        self._latest = b""
        self.is_plain = unpacked is packed
        self.allow(0)

    def allow(self, size: int) -> None:
        """Let this member and the header after it be read, and nothing beyond them."""
        self._end = self._position + size + self._limits.header_bytes

    def tell(self) -> int:
        return self._position

    def seek(self, position: int) -> int:
        if position < self._position:
            raise tarfile.ReadError("a header points backwards")
        while self._position < position:
            if not self.read(min(CHUNK_BYTES, position - self._position)):
                raise EOFError("unexpected end of data")
        return self._position

    def read(self, size: int) -> bytes:
        if self._position + size > self._end:
            raise tarfile.ReadError("a header is larger than it may be")
        self._latest = self._unpacked.read(size)
        self._position += len(self._latest)
        check_total_bytes(self._path, self._position, self._limits)
        if not self.is_plain:
            check_ratio(str(self._path), self._position, self._packed.tell(), self._limits)
        return self._latest

    def check_end(self) -> None:
        """Tarfile takes a damaged header for the end; the real end is a block of zeros."""
        if self._latest != bytes(tarfile.BLOCKSIZE):
            raise EOFError("it ends without its end mark")
        self._end = self._limits.total_bytes + CHUNK_BYTES
        # The checksum of a compressed file stands behind its last byte.
        while self.read(CHUNK_BYTES):
            pass
