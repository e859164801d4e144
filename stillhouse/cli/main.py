"""The `still` command, and the one place where errors become words and exit codes.

What it imports is what every call pays for, `still --help` too: a verb brings its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.verbs import VerbGroup


@click.group(cls=VerbGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="stillhouse", prog_name="still")
@click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error.")
def still(*, debug: bool) -> None:
    """Distil a teacher into a student that you can ship, with the numbers that prove it."""


def answer(arguments: Sequence[str]) -> int:
    """Run one command line and say how it ended."""
    try:
        code = still.main(args=list(arguments), prog_name="still", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except click.UsageError as error:
        error.show()
        return ExitCode.USAGE
    except Exception as error:  # noqa: BLE001 - the edge: the one catch-all of this process
        from stillhouse.cli.endings import ended_by

        return ended_by(error, arguments)
    return code if isinstance(code, int) else ExitCode.OK


def run() -> None:
    if sys.stdout is None:  # closed by whoever started us; there is nobody to tell
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for good
    sys.exit(answer(sys.argv[1:]))
