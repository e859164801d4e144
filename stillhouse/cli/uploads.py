"""`still uploads`: what was sent, or is on its way, and is not forgotten yet."""

from __future__ import annotations

import click

from stillhouse.cli.connection import connected, json_option, nothing_of_the_list
from stillhouse.cli.printing import print_json, print_table
from stillhouse.client.answers import Upload
from stillhouse.domain.uploads import UploadState


@click.group(invoke_without_command=True)
@click.option(
    "--state",
    type=click.Choice([state.value for state in UploadState]),
    help="Only those under way (open), or only those that are there (complete).",
)
@json_option
@click.pass_context
def uploads(context: click.Context, *, state: str | None, as_json: bool) -> None:
    """List the uploads that are not forgotten; or forget some of them."""
    if context.invoked_subcommand is not None:
        nothing_of_the_list(context)
        return
    with connected() as client:
        found = list(client.uploads.list(state=UploadState(state) if state else None))
    if as_json:
        print_json(found)
        return
    rows = [(u.id, u.kind, u.filename, u.project, _arrived(u), _until(u)) for u in found]
    print_table(("id", "kind", "file", "project", "arrived", "expires"), rows)


@uploads.command()
@click.argument("upload_ids", metavar="UPLOAD...", nargs=-1, required=True)
@json_option
def rm(*, upload_ids: tuple[str, ...], as_json: bool) -> None:
    """Forget uploads; what was made from them stays."""
    with connected() as client:
        for upload_id in upload_ids:
            client.uploads.delete(upload_id)
            if not as_json:
                click.echo(f"removed {upload_id}")
    if as_json:
        print_json({"ids": list(upload_ids), "removed": True})


def _arrived(upload: Upload) -> str:
    """Never 100% while a byte is missing."""
    if upload.is_complete:
        return f"all of {upload.bytes:,} bytes"
    return f"{(upload.bytes_received or 0) * 100 // upload.bytes}% of {upload.bytes:,} bytes"


def _until(upload: Upload) -> str:
    return f"{upload.expires_at:%Y-%m-%d %H:%M}Z" if upload.expires_at else ""
