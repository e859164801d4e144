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

from kd_core.errors import KdError
from stillhouse.cli.distill import distill
from stillhouse.cli.doctor import doctor
from stillhouse.cli.exit_codes import ExitCode, exit_code_of
from stillhouse.cli.losses import losses


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("stillhouse"), prog_name="still")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
def still(*, debug: bool) -> None:
    """Distil a teacher into a student that you can ship, with the numbers that prove it."""


for verb in (distill, losses, doctor):
    still.add_command(verb)


def answer(arguments: Sequence[str]) -> int:
    """Run one command line and say how it ended."""
    try:
        code = still.main(args=list(arguments), prog_name="still", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except KdError as error:
        _explain(error, as_json="--json" in arguments)
        return exit_code_of(error)
    except Exception as error:  # noqa: BLE001 - the edge: the one catch-all of this process
        if "--debug" in arguments:
            traceback.print_exc()
        click.echo(
            f"unexpected: {type(error).__name__}: {error}\n"
            "  this is a defect of Stillhouse; `still --debug ...` shows where it happened",
            err=True,
        )
        return ExitCode.UNEXPECTED
    return code if isinstance(code, int) else ExitCode.OK


def _explain(error: KdError, *, as_json: bool) -> None:
    if as_json:
        problems = [problem.as_json() for problem in error.problems]
        click.echo(json.dumps({"code": error.code, "problems": problems}), err=True)
        return
    click.echo(str(error), err=True)


def run() -> None:
    if sys.stdout is None:  # closed by whoever started us; there is nobody to tell
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    sys.exit(answer(sys.argv[1:]))
