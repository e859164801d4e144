"""How an upload and the check after it look."""

from __future__ import annotations

from pathlib import Path

import click

from kd_core.errors import LONGEST_SENTENCE, in_words, printable
from stillhouse.cli.connection import Command
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.transfers import transfer_bar
from stillhouse.client import StillhouseClient
from stillhouse.client.answers import Checked, Upload
from stillhouse.domain.uploads import UploadKind


def project_option(command: Command) -> Command:
    return click.option(
        "--project", help="Whose it will be. Default: that of the key, or the project default."
    )(command)


def send(client: StillhouseClient, path: Path, kind: UploadKind, project: str | None) -> Upload:
    with transfer_bar(path.name) as on_progress:
        return client.uploads.send(path, kind, on_progress, project=project)


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
