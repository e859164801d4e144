"""What the kernel says of other processes."""

from __future__ import annotations

import re
import time
from pathlib import Path

RESET_PEAK = "5"


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


def forget_peak(pid: int) -> float:
    """From here on `peak_mb` counts anew; what it has now, in 10^6 bytes."""
    Path(f"/proc/{pid}/clear_refs").write_text(RESET_PEAK, encoding="ascii")
    return _resident_mb(pid, "VmRSS")


def peak_mb(pid: int) -> float:
    return _resident_mb(pid, "VmHWM")


def _resident_mb(pid: int, name: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
    if found is None:
        raise ProcessLookupError(pid)
    return int(found[1]) * 1024 / 1e6
