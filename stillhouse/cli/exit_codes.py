"""What the process answers: one number for each way a command can end."""

from __future__ import annotations

from enum import IntEnum

from kd_core.errors import (
    BundleInvalid,
    DataInvalid,
    DeviceUnavailable,
    Diverged,
    ExportFailed,
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
from stillhouse.client.errors import (
    ApiError,
    ArtifactUnknown,
    ClientError,
    FileUnusable,
    IdInvalid,
    NotLoggedIn,
    WaitTimedOut,
)


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


_REJECTED = (
    BundleInvalid,
    SpecInvalid,
    DataInvalid,
    DeviceUnavailable,
    ModelInvalid,
    LossInputInvalid,
    WorkdirInvalid,
)
_FAILED = (Diverged, ExportFailed, OutOfMemory, StorageFailed, TeacherUnfit)

SERVER_ERROR = 500
TOO_MANY_REQUESTS = 429


def exit_code_of(error: KdError) -> ExitCode:
    if isinstance(error, Stopped):
        return ExitCode.INTERRUPTED
    if isinstance(error, _REJECTED):
        return ExitCode.REJECTED
    return ExitCode.JOB_FAILED if isinstance(error, _FAILED) else ExitCode.UNEXPECTED


def client_exit_code(error: ClientError) -> ExitCode:
    match error:
        case ApiError(status=status) if status < SERVER_ERROR and status != TOO_MANY_REQUESTS:
            return ExitCode.REJECTED
        case ArtifactUnknown() | FileUnusable() | IdInvalid():
            return ExitCode.REJECTED
        case WaitTimedOut():
            return ExitCode.WAIT_TIMED_OUT
        case NotLoggedIn():
            return ExitCode.USAGE
        case _:
            return ExitCode.UNEXPECTED
