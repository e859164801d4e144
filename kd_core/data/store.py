"""Decoded images on disk, in files named after what they are: shared by the runs of a machine.

A file appears by a rename, is believed only when every image in it is what was written, is locked
while a run has it mapped, and is the first to go when it is the one that was not used for longest.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import mmap
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kd_core.data.facts import FACTS, Facts, print_of
from kd_core.data.images import Mapped
from kd_core.errors import NO_ROOM
from kd_core.files import PARTIAL, naming_the_folder, reserve

FORMAT = 1
HEADER_BYTES = 4096
IMAGES, FACTS_ALONE = ".images", ".facts"
SPARE_BYTES = 2**28
BUILDERS = 16


@dataclass(frozen=True)
class Kind:
    """What a file has to be: `key` is the digest of all that its images follow from."""

    key: str
    count: int
    size: int
    has_pixels: bool = True
    """Otherwise it holds the facts alone, of images that are decoded again when they are wanted."""

    @property
    def name(self) -> str:
        return f"{self.key}{IMAGES if self.has_pixels else FACTS_ALONE}"

    @property
    def image_bytes(self) -> int:
        return self.size * self.size * 3

    @property
    def pixel_bytes(self) -> int:
        return self.count * self.image_bytes if self.has_pixels else 0

    @property
    def file_bytes(self) -> int:
        return HEADER_BYTES + self.pixel_bytes + self.count * FACTS.itemsize

    def header(self, facts: bytes) -> bytes:
        digest = hashlib.sha256(facts).hexdigest()
        said = {"format": FORMAT, "key": self.key, "count": self.count, "size": self.size}
        return json.dumps({**said, "facts": digest}).encode().ljust(HEADER_BYTES)


class DecodedStore:
    def __init__(self, folder: Path, most_bytes: int) -> None:
        """All files together stay below `most_bytes`."""
        self.folder = folder
        self.most_bytes = most_bytes

    @contextmanager
    def alone(self, keys: Sequence[str]) -> Iterator[None]:
        """Nobody else on this machine looks for these files or makes them meanwhile."""
        with naming_the_folder(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as held:
            # A few files that stay, and always in one order: no litter, and nobody waits in a ring.
            for lot in sorted({int(key, 16) % BUILDERS for key in keys}):
                held.enter_context(_locked(self.folder / f".build-{lot:x}"))
            yield

    def find(self, kind: Kind) -> tuple[Facts, Mapped | None] | None:
        """What is in a file that is there and whole; one that is not is removed."""
        path = self.folder / kind.name
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            if os.fstat(descriptor).st_nlink == 0:  # given up just before it was locked
                return None
            found = _opened(descriptor, kind)
            if found is None:
                path.unlink(missing_ok=True)
            else:
                with suppress(PermissionError):  # another user's
                    os.utime(descriptor)
            return found
        finally:
            os.close(descriptor)

    @contextmanager
    def shelf(self, kind: Kind) -> Iterator[Shelf | None]:
        """Room for a file, which is there once it is finished; None: there is no room."""
        descriptor = self._with_room(kind)
        if descriptor is None:
            yield None
            return
        try:
            with naming_the_folder(self.folder, kind.file_bytes):
                yield Shelf(descriptor, self.folder, kind)
        finally:
            (self.folder / f"{kind.name}{PARTIAL}").unlink(missing_ok=True)
            os.close(descriptor)

    def _with_room(self, kind: Kind) -> int | None:
        """An empty file of the right size, locked as long as it is open."""
        needed = kind.file_bytes
        with naming_the_folder(self.folder, needed), _locked(self.folder / ".lock"):
            self._remove_abandoned()
            if not self._make_room(needed):
                return None
            partial = self.folder / f"{kind.name}{PARTIAL}"
            descriptor = os.open(partial, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                reserve(descriptor, needed)
            except OSError as error:
                partial.unlink(missing_ok=True)
                os.close(descriptor)
                if error.errno in NO_ROOM:
                    return None
                raise
            return descriptor

    def _make_room(self, needed: int) -> bool:
        """Remove what was not used for longest, unless even that would not be enough."""
        # Checkpoints need room too: as much stays free as is taken, within reason.
        free = shutil.disk_usage(self.folder).free - min(SPARE_BYTES, needed)
        missing = needed - min(self.most_bytes - self._used(), free)
        if needed > self.most_bytes:
            return False
        given: list[tuple[Path, int]] = []
        try:
            for path in sorted(self._files(IMAGES, FACTS_ALONE), key=_used_at):
                if missing <= 0:
                    break
                descriptor = _free_to_remove(path)
                if descriptor is not None:
                    given.append((path, descriptor))
                    missing -= os.fstat(descriptor).st_size
            if missing <= 0:
                for path, _ in given:
                    path.unlink(missing_ok=True)
            return missing <= 0
        finally:
            for _, descriptor in given:
                os.close(descriptor)

    def _remove_abandoned(self) -> None:
        """What builders that died have left."""
        for partial in self._files(PARTIAL):
            descriptor = _free_to_remove(partial)
            if descriptor is not None:
                partial.unlink(missing_ok=True)
                os.close(descriptor)

    def _used(self) -> int:
        used = 0
        for path in self._files(IMAGES, FACTS_ALONE, PARTIAL):
            with suppress(FileNotFoundError):
                used += path.stat().st_size
        return used

    def _files(self, *suffixes: str) -> list[Path]:
        return [path for path in self.folder.iterdir() if path.suffix in suffixes]


class Shelf:
    """A file that is being filled."""

    def __init__(self, descriptor: int, folder: Path, kind: Kind) -> None:
        self._descriptor = descriptor
        self._folder = folder
        self._kind = kind

    def put(self, place: int, pixels: NDArray[np.uint8]) -> None:
        if self._kind.has_pixels:
            at = HEADER_BYTES + place * self._kind.image_bytes
            _write(self._descriptor, np.ascontiguousarray(pixels).data.cast("B"), at)

    def finish(self, facts: Facts) -> Mapped | None:
        """Not synced: a power cut leaves a file that is not believed, and is made again."""
        data = facts.tobytes()
        _write(self._descriptor, memoryview(data), HEADER_BYTES + self._kind.pixel_bytes)
        _write(self._descriptor, memoryview(self._kind.header(data)), 0)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        partial = self._folder / f"{self._kind.name}{PARTIAL}"
        partial.rename(self._folder / self._kind.name)
        if not self._kind.has_pixels:
            return None
        return Mapped(_mapped(self._descriptor, self._kind)[0], np.flatnonzero(~facts["damaged"]))


def _opened(descriptor: int, kind: Kind) -> tuple[Facts, Mapped | None] | None:
    """What the file holds, if it is this kind and every image is the one that was written."""
    if os.fstat(descriptor).st_size != kind.file_bytes:
        return None
    data = os.pread(descriptor, kind.count * FACTS.itemsize, HEADER_BYTES + kind.pixel_bytes)
    if os.pread(descriptor, HEADER_BYTES, 0) != kind.header(data):
        return None
    facts = np.frombuffer(data, dtype=FACTS)
    if not kind.has_pixels:
        return facts, None
    rows = np.flatnonzero(~facts["damaged"])
    pixels, pages = _mapped(descriptor, kind)
    if any(print_of(pixels[row]) != facts["print"][row].tobytes() for row in rows.tolist()):
        return None
    # They were all looked at, and do not have to stay for that.
    pages.madvise(mmap.MADV_DONTNEED)
    return facts, Mapped(pixels, rows)


def _mapped(descriptor: int, kind: Kind) -> tuple[NDArray[np.uint8], mmap.mmap]:
    """The pixels [N, S, S, 3]. As long as they are referred to, so long the file stays locked: the
    mapping has a descriptor of its own, which shares the lock.
    """
    pages = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    flat = np.frombuffer(pages, dtype=np.uint8, count=kind.pixel_bytes, offset=HEADER_BYTES)
    return flat.reshape(kind.count, kind.size, kind.size, 3), pages


def _write(descriptor: int, data: memoryview, at: int) -> None:
    while data:
        written = os.pwrite(descriptor, data, at)
        data, at = data[written:], at + written


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _free_to_remove(path: Path) -> int | None:
    """A descriptor that holds the file's lock; None while somebody uses it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _used_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
