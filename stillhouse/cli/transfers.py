"""How bytes on their way look."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kd_core.errors import printable
from stillhouse.cli.bars import Bars

MB = 10**6


@contextmanager
def transfer_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """On stderr, and only on a terminal: stdout is for what was asked."""
    shown, began = printable(name), time.monotonic()
    with Bars(sys.stderr) as bars:

        def tell(done: int, whole: int) -> None:
            speed = done / MB / max(time.monotonic() - began, 0.001)
            note = f"{done / MB:.1f} of {whole / MB:.1f} MB, {speed:.1f} MB/s"
            bars.update(shown, done, whole, note)

        yield tell
