"""The command line under which lists of processes show this one."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from pathlib import Path

PROCESS = Path("/proc/self")
# Of /proc/self/stat, counted from behind the name, which may hold anything.
FIRST, BEHIND_LAST = 45, 46


def show_as(words: Sequence[str]) -> None:
    """Show these words in place of those that the process was started with.

    They take the memory of the old ones: what has no room there is left out. Nothing changes where
    the kernel does not say where that memory is.
    """
    found = (PROCESS / "stat").read_text().rpartition(")")[2].split()
    start, behind = int(found[FIRST]), int(found[BEHIND_LAST])
    room = behind - start
    shown = (PROCESS / "cmdline").read_bytes()
    if not start or room != len(shown) or ctypes.string_at(start, room) != shown:
        return
    # The last byte stays empty: without it the kernel would show what lies behind.
    fitting = b"\0".join(map(os.fsencode, words))[: room - 1]
    ctypes.memmove(start, fitting.ljust(room, b"\0"), room)
