"""Whole recordings in a folder that runs share, each a file named after its key.

What is found there is never believed for its name: whoever takes it asks the teacher again for a
few of its rows, and throws it away when they are others.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from kd_core.errors import printable
from kd_core.files import PARTIAL

ROWS, ORIGIN = ".rows", ".from"
LONGEST_ORIGIN = 100


@dataclass(frozen=True)
class SharedRecordings:
    folder: Path

    def find(self, key: str, size_bytes: int) -> Path | None:
        """The file of this recording; one of another size is removed."""
        path = self._path(key)
        try:
            if path.stat().st_size == size_bytes:
                return path
        except OSError:
            return None
        self.discard(key)
        return None

    def origin(self, key: str) -> str:
        """Who made it, as far as whoever brought it has written that beside it."""
        try:
            said = self._path(key).with_suffix(ORIGIN).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return "another run"
        return printable(said, LONGEST_ORIGIN)

    def discard(self, key: str) -> None:
        with suppress(OSError):  # somebody else's; it will be caught there too
            self._path(key).unlink(missing_ok=True)

    def leave(self, key: str, rows: Path) -> None:
        """`rows` under this key, for others; nothing where it is already. `OSError`: no room."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(key)
        if not path.exists():
            place(rows, path)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{ROWS}"


def place(rows: Path, target: Path) -> None:
    """The same bytes under another name, whole from its first moment: no copy, where that goes."""
    # Nobody writes into a whole recording, and whoever replaces one makes a file of its own.
    if os.access(rows, os.W_OK):
        with suppress(OSError):
            os.link(rows, target)
    if not target.exists():
        with NamedTemporaryFile(dir=target.parent, suffix=PARTIAL, delete=False) as copy:
            partial = Path(copy.name)
        try:
            shutil.copyfile(rows, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
