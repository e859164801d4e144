"""What the process answers: one number for each way a command can end."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    UNEXPECTED = 1
    """Also: the service cannot be reached."""
    GATE_FAILED = 2
    JOB_FAILED = 3
    CANCELLED = 4
    """Or expired."""
    WAIT_TIMED_OUT = 5
    REJECTED = 6
    NOT_VERIFIED = 7
    """A folder is not what its manifest, or its report, says."""
    USAGE = 64
    INTERRUPTED = 130
