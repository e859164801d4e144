"""The `still` command: its verbs, and the one place where errors become words and exit codes."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import click

from kd_core.errors import KdError, Problem, in_words
from stillhouse.cli.artifacts import artifacts
from stillhouse.cli.data import data
from stillhouse.cli.demo import demo
from stillhouse.cli.descendants import clone, retry
from stillhouse.cli.distill import distill
from stillhouse.cli.doctor import doctor
from stillhouse.cli.exit_codes import ExitCode, client_exit_code, exit_code_of
from stillhouse.cli.jobs import jobs, logs
from stillhouse.cli.keys import keys, whoami
from stillhouse.cli.login import login
from stillhouse.cli.losses import losses
from stillhouse.cli.models import models
from stillhouse.cli.predict import predict
from stillhouse.cli.presets import presets
from stillhouse.cli.report import report
from stillhouse.cli.steering import cancel, pause, resume
from stillhouse.cli.submit import submit, watch
from stillhouse.cli.up import up
from stillhouse.cli.upkeep import edit, restore, rm
from stillhouse.cli.upload import upload
from stillhouse.cli.verdict import verdict
from stillhouse.cli.verify import verify
from stillhouse.client import ClientError
from stillhouse.local.errors import LocalError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("stillhouse"), prog_name="still")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
def still(*, debug: bool) -> None:
    """Distil a teacher into a student that you can ship, with the numbers that prove it."""


VERBS = (
    up,
    demo,
    login,
    whoami,
    keys,
    upload,
    models,
    data,
    submit,
    jobs,
    watch,
    verdict,
    report,
    logs,
    cancel,
    pause,
    resume,
    retry,
    clone,
    edit,
    rm,
    restore,
    artifacts,
    predict,
    verify,
    distill,
    losses,
    presets,
    doctor,
)
for verb in VERBS:
    still.add_command(verb)


def answer(arguments: Sequence[str]) -> int:
    """Run one command line and say how it ended."""
    try:
        code = still.main(args=list(arguments), prog_name="still", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the edge: the one catch-all of this process
        return _ended_by(error, arguments)
    return code if isinstance(code, int) else ExitCode.OK


def _ended_by(error: Exception, arguments: Sequence[str]) -> ExitCode:
    as_json = "--json" in arguments
    match error:
        case click.UsageError():
            error.show()
            return ExitCode.USAGE
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


def _explain(code: str, problems: Sequence[Problem], *, as_json: bool) -> None:
    if as_json:
        listed = [problem.as_json() for problem in problems]
        click.echo(json.dumps({"code": code, "problems": listed}), err=True)
        return
    click.echo(in_words(problems), err=True)


def run() -> None:
    if sys.stdout is None:  # closed by whoever started us; there is nobody to tell
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    sys.exit(answer(sys.argv[1:]))
