"""`still upload`: bytes to the service, to be registered later."""

from __future__ import annotations

from pathlib import Path

import click

from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.printing import print_json
from stillhouse.cli.uploading import project_option, send
from stillhouse.domain.uploads import UploadKind


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in UploadKind]),
    required=True,
    help="What it is going to be registered as.",
)
@project_option
@json_option
def upload(*, path: Path, kind: str, project: str | None, as_json: bool) -> None:
    """Send PATH, a file or a folder; a repetition goes on where it was interrupted.

    `still models add` and `still data add` do this and register it as well.
    """
    with connected() as client:
        sent = send(client, path, UploadKind(kind), project)
    if as_json:
        print_json(sent)
    else:
        click.echo(f"{sent.id}  {sent.bytes:,} bytes, sha256 {sent.sha256}")
