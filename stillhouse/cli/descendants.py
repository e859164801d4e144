"""`still retry` and `still clone`: a job that is made from another one."""

from __future__ import annotations

from pathlib import Path

import click

from kd_core.errors import printable
from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.documents import read_changes
from stillhouse.cli.printing import print_json
from stillhouse.client.answers import Job


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--from-start", is_flag=True, help="Forget its checkpoint.")
@json_option
def retry(*, job_id: str, from_start: bool, as_json: bool) -> None:
    """Try once more what failed, was cancelled or expired, from where it ended."""
    with connected() as client:
        job = client.jobs.retry(job_id, from_start=from_start)
    _say(job, as_json=as_json)


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one place, such as recipe.epochs=20; null takes it away. Again for more.",
)
@click.option(
    "--patch",
    type=click.Path(path_type=Path),
    help="A YAML or JSON file with only what changes: a JSON merge patch.",
)
@json_option
def clone(*, job_id: str, settings: tuple[str, ...], patch: Path | None, as_json: bool) -> None:
    """Submit the specification of a job again, with changes, from its start."""
    changes = read_changes(patch, settings)
    with connected() as client:
        job = client.jobs.clone(job_id, changes)
    _say(job, as_json=as_json)


def _say(job: Job, *, as_json: bool) -> None:
    if as_json:
        print_json(job)
    else:
        click.echo(f"{job.id}  {printable(job.name)}")
