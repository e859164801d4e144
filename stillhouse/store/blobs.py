"""Blobs: bytes under the name of their own SHA-256, whole or not there at all."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from kd_core.errors import Problem
from stillhouse.domain.errors import (
    BlobCorrupted,
    BlobMissing,
    DigestMismatch,
    Invalid,
    NotFound,
    TooLarge,
)
from stillhouse.domain.uploads import check_digest
from stillhouse.store.quarantine import Quarantine, Quarantined, sync
from stillhouse.store.soundness import Soundness

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredBlob:
    sha256: str
    size_bytes: int


class BlobWriter(Protocol):
    """`with blobs.writer(...) as writer:`; what is not finished leaves nothing behind."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def write(self, chunk: bytes) -> None:
        """`TooLarge` as soon as the limit is passed."""

    def finish(self) -> StoredBlob:
        """All bytes are written. On disk, under their digest, when this returns."""


class BlobStore(Protocol):
    def writer(
        self, *, max_bytes: int, min_bytes: int = 0, sha256: str | None = None
    ) -> BlobWriter:
        """With a digest, other bytes are refused with `DigestMismatch` when they finish."""

    def put(
        self,
        chunks: Iterable[bytes],
        *,
        max_bytes: int,
        min_bytes: int = 0,
        sha256: str | None = None,
    ) -> StoredBlob: ...

    def size(self, sha256: str) -> int | None:
        """How many bytes there are; None when the blob is not there."""

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `stop`. `NotFound` before the first one."""

    def read_whole(self, sha256: str) -> Iterator[bytes]:
        """All bytes, checked on the way: before the last of them comes `BlobCorrupted`, and the
        blob is in quarantine, where they are not those of the name.
        """

    def copy_to(self, sha256: str, target: Path) -> None:
        """A file of one's own with these bytes, checked as `read_whole` checks them."""

    def check_size(self, sha256: str, size_bytes: int) -> None:
        """As `check`, of what can be seen without reading."""

    def check(self, sha256: str, size_bytes: int) -> None:
        """`BlobMissing`; or `BlobCorrupted`, and the blob is in quarantine. Bytes that were read
        lately and did not change since are not read again.
        """

    def quarantined(self) -> Iterator[Quarantined]:
        """What is kept for the operator and never served. The same bytes can be put again."""

    def verify(self, sha256: str) -> bool:
        """The bytes are still those of the name."""

    def delete(self, sha256: str, *, put_before: datetime | None = None) -> bool:
        """Gone, or False: it was not there, or was put again since `put_before`."""

    def digests(self) -> Iterator[str]: ...


class DirectoryBlobs:
    """A folder: `ab/cd/<sha256>`, `tmp/` for what is being written, and `quarantine/<sha256>` for
    what was found damaged.
    """

    def __init__(self, root: Path, sound: Soundness | None = None) -> None:
        self._root = root
        self._sound = sound or Soundness()
        self._tmp = root / "tmp"
        self._tmp.mkdir(parents=True, exist_ok=True)
        self._quarantine = Quarantine(root / "quarantine")

    def writer(
        self, *, max_bytes: int, min_bytes: int = 0, sha256: str | None = None
    ) -> DirectoryWriter:
        expected = check_digest(sha256) if sha256 is not None else None
        return DirectoryWriter(self, self._scratch(), range(min_bytes, max_bytes + 1), expected)

    def put(
        self,
        chunks: Iterable[bytes],
        *,
        max_bytes: int,
        min_bytes: int = 0,
        sha256: str | None = None,
    ) -> StoredBlob:
        with self.writer(max_bytes=max_bytes, min_bytes=min_bytes, sha256=sha256) as writer:
            for chunk in chunks:
                writer.write(chunk)
            return writer.finish()

    def size(self, sha256: str) -> int | None:
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        return _chunks(self._open(sha256), start, stop)

    def read_whole(self, sha256: str) -> Iterator[bytes]:
        return self._checked(self._open(sha256), sha256)

    def copy_to(self, sha256: str, target: Path) -> None:
        chunks = self.read_whole(sha256)
        with target.open("xb") as copy:
            try:
                copy.writelines(chunks)
            except BlobCorrupted:
                target.unlink()
                raise

    def check_size(self, sha256: str, size_bytes: int) -> None:
        self._open_sized(sha256, size_bytes).close()

    def check(self, sha256: str, size_bytes: int) -> None:
        with self._open_sized(sha256, size_bytes) as file:
            if not self._sound.is_known(sha256, os.fstat(file.fileno())):
                for _ in self._checked(file, sha256):
                    pass

    def quarantined(self) -> Iterator[Quarantined]:
        return self._quarantine.listed()

    def verify(self, sha256: str) -> bool:
        digest = hashlib.sha256()
        for chunk in self.read(sha256):
            digest.update(chunk)
        return digest.hexdigest() == sha256

    def delete(self, sha256: str, *, put_before: datetime | None = None) -> bool:
        path, aside = self.path(sha256), self._scratch()
        try:
            if _is_younger(path, put_before):
                return False
            path.rename(aside)
        except FileNotFoundError:
            return False
        # Once more, now that nobody can refresh it: a put from here on writes the bytes anew.
        if _is_younger(aside, put_before):
            aside.rename(path)
            return False
        aside.unlink()
        return True

    def digests(self) -> Iterator[str]:
        for path in sorted(self._root.glob("??/??/*")):
            yield path.name

    def discard_abandoned(self, written_before: datetime) -> int:
        """Remove what writers that died have left; how many files there were."""
        old = [path for path in self._tmp.iterdir() if not _is_younger(path, written_before)]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def path(self, sha256: str) -> Path:
        """Where the blob is, or would be. The digest is checked: it can name nothing else."""
        check_digest(sha256)
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def adopt(self, scratch: Path, sha256: str) -> None:
        """Give a finished file its name. Bytes that are there already are replaced: these are known
        to be right, and those may have changed since they were.
        """
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.rename(path)
        for folder in (path.parent, path.parent.parent, self._root):
            sync(folder)

    def _scratch(self) -> Path:
        return self._tmp / secrets.token_hex(16)

    def _open(self, sha256: str) -> BinaryIO:
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            if self._quarantine.has(sha256):
                raise BlobCorrupted(sha256) from None
            raise NotFound("blob", sha256) from None

    def _open_sized(self, sha256: str, size_bytes: int) -> BinaryIO:
        try:
            file = self._open(sha256)
        except NotFound:
            raise BlobMissing(sha256) from None
        seen = os.fstat(file.fileno())
        if seen.st_size != size_bytes:
            file.close()
            self._quarantine.take(self.path(sha256), seen)
            raise BlobCorrupted(sha256)
        return file

    def _checked(self, file: BinaryIO, sha256: str) -> Iterator[bytes]:
        digest, held = hashlib.sha256(), b""
        with file:
            seen = os.fstat(file.fileno())
            for chunk in _chunks(file, 0, None):
                digest.update(chunk)
                if held:
                    yield held
                held = chunk
        if digest.hexdigest() != sha256:
            self._quarantine.take(self.path(sha256), seen)
            raise BlobCorrupted(sha256)
        self._sound.remember(sha256, seen)
        if held:
            yield held


class DirectoryWriter:
    def __init__(
        self, blobs: DirectoryBlobs, scratch: Path, sizes: range, sha256: str | None
    ) -> None:
        self._blobs = blobs
        self._scratch = scratch
        self._sizes = sizes
        self._expected = sha256
        self._digest = hashlib.sha256()
        self._size = 0

    def __enter__(self) -> Self:
        self._file = self._scratch.open("xb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._scratch.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size >= self._sizes.stop:
            raise TooLarge(f"there are more than {self._sizes.stop - 1} bytes")
        self._digest.update(chunk)
        self._file.write(chunk)

    def finish(self) -> StoredBlob:
        sha256 = self._digest.hexdigest()
        if self._size < self._sizes.start:
            message = f"there are {self._size} bytes; {self._sizes.start} are expected"
            raise Invalid((Problem("wrong_size", message, "send all of them"),))
        if self._expected not in {None, sha256}:
            raise DigestMismatch(
                f"the bytes have SHA-256 {sha256}, not {self._expected}",
                hint="send them again; they changed on the way",
            )
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._blobs.adopt(self._scratch, sha256)
        return StoredBlob(sha256, self._size)


def _chunks(file: BinaryIO, start: int, stop: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = stop - start if stop is not None else None
        while chunk := file.read(CHUNK if left is None else min(CHUNK, max(0, left))):
            left = left - len(chunk) if left is not None else None
            yield chunk


def _is_younger(path: Path, moment: datetime | None) -> bool:
    put_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return moment is not None and put_at >= moment
