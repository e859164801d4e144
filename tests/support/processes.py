"""What the kernel says of other processes."""

from __future__ import annotations

import time
from pathlib import Path


def _stat(pid: int) -> list[str]:
    # The name before the parenthesis may hold anything.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent_of(pid: int) -> int:
    return int(_stat(pid)[1])


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def has_ended(pid: int, within_s: float = 10) -> bool:
    """Whoever inherits an orphan may take a moment to collect it."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            state = _stat(pid)[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
    return False
