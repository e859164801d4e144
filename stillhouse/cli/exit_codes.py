"""What the process answers: one number for each way a command can end."""

from __future__ import annotations

from enum import IntEnum

from kd_core.errors import (
    DataInvalid,
    DeviceUnavailable,
    Diverged,
    KdError,
    LossInputInvalid,
    ModelInvalid,
    OutOfMemory,
    SpecInvalid,
    Stopped,
    StorageFailed,
    TeacherUnfit,
    WorkdirInvalid,
)


class ExitCode(IntEnum):
    OK = 0
    UNEXPECTED = 1
    JOB_FAILED = 3
    REJECTED = 6
    USAGE = 64
    INTERRUPTED = 130


_REJECTED = (
    SpecInvalid,
    DataInvalid,
    DeviceUnavailable,
    ModelInvalid,
    LossInputInvalid,
    WorkdirInvalid,
)
_FAILED = (Diverged, OutOfMemory, StorageFailed, TeacherUnfit)


def exit_code_of(error: KdError) -> ExitCode:
    if isinstance(error, Stopped):
        return ExitCode.INTERRUPTED
    if isinstance(error, _REJECTED):
        return ExitCode.REJECTED
    return ExitCode.JOB_FAILED if isinstance(error, _FAILED) else ExitCode.UNEXPECTED
