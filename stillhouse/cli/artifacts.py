"""`still artifacts`: the files that a job made."""

from __future__ import annotations

from pathlib import Path

import click

from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.printing import print_json, print_table
from stillhouse.client.downloads import place_for, pull


@click.group()
def artifacts() -> None:
    """List and fetch the files that a job made."""


@artifacts.command("list")
@click.argument("job_id", metavar="JOB")
@json_option
def list_artifacts(*, job_id: str, as_json: bool) -> None:
    """List the files of a job."""
    with connected() as client:
        found = client.jobs.artifacts(job_id)
    if as_json:
        print_json(found)
        return
    rows = [(a.id, a.path, a.format, f"{a.bytes:,}", a.sha256[:12]) for a in found]
    print_table(("id", "path", "format", "bytes", "sha256"), rows)


@artifacts.command("pull")
@click.argument("job_id", metavar="JOB")
@click.option("--out", type=click.Path(path_type=Path), help="Default: a folder named as the job.")
@json_option
def pull_artifacts(*, job_id: str, out: Path | None, as_json: bool) -> None:
    """Fetch the files of a job; whatever is here already is not fetched again."""
    folder = out or Path(job_id)
    with connected() as client:
        found = client.jobs.artifacts(job_id)
        pull(client.artifacts, found, folder, lambda path: None if as_json else click.echo(path))
    if as_json:
        files = [{**a.as_json(), "file": str(place_for(folder, a))} for a in found]
        print_json({"job": job_id, "out": str(folder), "files": files})
