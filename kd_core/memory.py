"""How much memory there is for a step, and how much one took: of the device, or of the machine."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import torch

PROC, CONTROL_GROUPS = Path("/proc"), Path("/sys/fs/cgroup")
# Limit and use of the control group that this process sees as its own: version 2, version 1.
GROUP_FILES = (
    ("memory.max", "memory.current"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
)
FORGET_PEAK = "5"  # what /proc/self/clear_refs takes for it


def left_bytes(device: str) -> int:
    """What may still be taken, by whichever limit is the nearest."""
    if device == "cuda":
        kept = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return torch.cuda.mem_get_info()[0] + kept
    return max(0, min(_left_on_the_machine()))


def used_bytes(device: str) -> int:
    return torch.cuda.memory_allocated() if device == "cuda" else _status()["VmRSS"]


def forget_peak(device: str) -> None:
    """Begin to watch anew. Where the kernel does not let go, the peak is of the whole process."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        return
    with suppress(OSError):
        (PROC / "self/clear_refs").write_text(FORGET_PEAK)


def peak_bytes(device: str) -> int:
    """The most that was in use since `forget_peak`."""
    return torch.cuda.max_memory_allocated() if device == "cuda" else _status()["VmHWM"]


def _left_on_the_machine() -> Iterator[int]:
    yield _kilobytes(PROC / "meminfo")["MemAvailable"]
    status = _status()
    for limit, used in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        most, _ = resource.getrlimit(limit)
        if most != resource.RLIM_INFINITY:
            yield most - status[used]
    for most_file, used_file in GROUP_FILES:
        with suppress(OSError, ValueError):  # not there, or "max"
            most = int((CONTROL_GROUPS / most_file).read_text())
            yield most - int((CONTROL_GROUPS / used_file).read_text())


def _status() -> dict[str, int]:
    return _kilobytes(PROC / "self/status")


def _kilobytes(file: Path) -> dict[str, int]:
    """The lines `Name:   123 kB` of a file of the kernel, in bytes."""
    lines = (line.split() for line in file.read_text().splitlines())
    return {at[0].rstrip(":"): int(at[1]) * 1024 for at in lines if at[-1] == "kB"}
