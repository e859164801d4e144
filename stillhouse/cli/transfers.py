"""How bytes on their way look."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


@contextmanager
def transfer_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """On stderr, and only on a terminal: stdout is for what was asked."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TransferSpeedColumn(), console=console, disable=not sys.stderr.isatty()
    ) as bars:
        bar = bars.add_task(name, total=None)
        yield lambda done, whole: bars.update(bar, completed=done, total=whole)
