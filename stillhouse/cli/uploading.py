"""How an upload and the check after it look."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from kd_core.errors import LONGEST_SENTENCE, in_words, printable
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.client import StillhouseClient
from stillhouse.client.answers import Checked, Upload
from stillhouse.client.uploads import OnProgress
from stillhouse.domain.uploads import UploadKind


def send(client: StillhouseClient, path: Path, kind: UploadKind) -> Upload:
    with _bar(path.name) as on_progress:
        return client.uploads.send(path, kind, on_progress)


@contextmanager
def _bar(name: str) -> Iterator[OnProgress]:
    """On stderr, and only on a terminal: stdout is for what was asked."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TransferSpeedColumn(), console=console, disable=not sys.stderr.isatty()
    ) as bars:
        bar = bars.add_task(name, total=None)
        yield lambda sent, total: bars.update(bar, completed=sent, total=total)


def told(reference: str, name: str, found: Checked) -> ExitCode:
    """What the check found, for people; and whether the thing can be used."""
    if found.is_ready:
        click.echo(f"{reference}  {printable(name)} is ready")
        for key, value in (found.facts or {}).items():
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                click.echo(f"  {printable(key.replace('_', ' '))}: {printable(str(value))}")
        for warning in _warnings(found):
            click.echo(f"warning: {printable(warning, LONGEST_SENTENCE)}")
    else:
        click.echo(f"{reference}  {printable(name)} is {found.state}", err=True)
        click.echo(in_words([entry.problem for entry in found.problems or ()]), err=True)
    return code_of(found)


def code_of(found: Checked) -> ExitCode:
    return ExitCode.OK if found.is_ready else ExitCode.REJECTED


def _warnings(found: Checked) -> list[str]:
    """A sentence each; the check may have written them as problems."""
    listed = (found.facts or {}).get("warnings")
    entries = listed if isinstance(listed, list) else []
    return [str(e.get("message", e)) if isinstance(e, dict) else str(e) for e in entries]


def plain_name(path: Path) -> str:
    """shelves/ and shelves.tar.gz are both called shelves."""
    return path.resolve().name.split(".")[0] or path.resolve().name
