"""`still artifacts`: the files that a job made."""

from __future__ import annotations

from pathlib import Path

import click

from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.printing import print_json, print_table
from stillhouse.cli.transfers import transfer_bar
from stillhouse.client import StillhouseClient
from stillhouse.client.downloads import place_for, pull
from stillhouse.client.selection import chosen, the_one


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
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--to",
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    help="Default: a folder named as the job.",
)
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Fetch everything as one tar with this name.",
)
@json_option
def pull_artifacts(
    *,
    job_id: str,
    names: tuple[str, ...],
    folder: Path | None,
    bundle: Path | None,
    as_json: bool,
) -> None:
    """Fetch the files of a job, or those that are named.

    NAME is what `still artifacts list` shows, its last part, or a folder of it. What broke off is
    gone on with; what is here already and has the right digest is not fetched again.
    """
    if bundle is not None and (names or folder is not None):
        raise click.UsageError("--bundle is one file with everything: drop NAME and --to")
    with connected() as client:
        if bundle is not None:
            _pull_bundle(client, job_id, bundle, as_json=as_json)
        else:
            _pull_files(client, job_id, names, folder or Path(job_id), as_json=as_json)


def _pull_files(
    client: StillhouseClient, job_id: str, names: tuple[str, ...], folder: Path, *, as_json: bool
) -> None:
    found = chosen(client.jobs.artifacts(job_id), names)
    with transfer_bar(job_id) as on_progress:
        places = pull(client.artifacts, found, folder, on_progress=on_progress)
    if as_json:
        files = [{**a.as_json(), "file": str(place_for(folder, a))} for a in found]
        print_json({"job": job_id, "out": str(folder), "files": files})
        return
    for path in places:
        click.echo(path)


def _pull_bundle(client: StillhouseClient, job_id: str, target: Path, *, as_json: bool) -> None:
    found = client.jobs.artifacts(job_id)
    with transfer_bar(target.name) as on_progress:
        client.artifacts.bundle(job_id, found, target, on_progress)
    if as_json:
        files = [one.as_json() for one in found]
        print_json({"job": job_id, "bundle": str(target), "files": files})
        return
    click.echo(target)


@artifacts.command("link")
@click.argument("job_id", metavar="JOB")
@click.argument("name", metavar="NAME")
@json_option
def link_artifact(*, job_id: str, name: str, as_json: bool) -> None:
    """Print an address of one file that needs no key, and is good for five minutes.

    Whoever has the address has the file until then.
    """
    with connected() as client:
        link = client.artifacts.link(the_one(client.jobs.artifacts(job_id), name).id)
    if as_json:
        print_json(link)
        return
    click.echo(link.url)
    click.echo(f"good until {link.expires_at:%H:%M:%S} UTC", err=True)
