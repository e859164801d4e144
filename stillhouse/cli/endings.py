"""Errors become words and an exit code: imported once there is one, for it knows all of them."""

from __future__ import annotations

import json
import traceback
from collections.abc import Sequence

import click

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
    Problem,
    SpecInvalid,
    Stopped,
    StorageFailed,
    TeacherUnfit,
    WorkdirInvalid,
    in_words,
)
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.client.errors import (
    ApiError,
    ArtifactUnknown,
    ClientError,
    FileUnusable,
    IdInvalid,
    NotLoggedIn,
    WaitTimedOut,
)
from stillhouse.local.errors import LocalError

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


def ended_by(error: Exception, arguments: Sequence[str]) -> ExitCode:
    as_json = "--json" in arguments
    match error:
        case KdError():
            _explain(error.code, error.problems, as_json=as_json)
            return exit_code_of(error)
        case ClientError():
            _explain(error.code, error.problems, as_json=as_json)
            return client_exit_code(error)
        case LocalError():
            click.echo(str(error), err=True)
            return ExitCode.UNEXPECTED
    if "--debug" in arguments:
        traceback.print_exception(error)
    click.echo(
        f"unexpected: {type(error).__name__}: {error}\n"
        "  this is a defect of Stillhouse; `still --debug ...` shows where it happened",
        err=True,
    )
    return ExitCode.UNEXPECTED


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


def _explain(code: str, problems: Sequence[Problem], *, as_json: bool) -> None:
    if as_json:
        listed = [problem.as_json() for problem in problems]
        click.echo(json.dumps({"code": code, "problems": listed}), err=True)
        return
    click.echo(in_words(problems), err=True)
