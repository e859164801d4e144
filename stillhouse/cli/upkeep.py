"""`still edit`, `still rm` and `still restore`: the list of jobs, kept in order."""

from __future__ import annotations

import click

from kd_core.errors import printable
from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.printing import print_json
from stillhouse.domain.job import Priority


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--name", help="What people call it.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a label, or take away the KEY alone; again for more.",
)
@click.option(
    "--priority",
    type=click.Choice([priority.word for priority in Priority]),
    help="Only while it waits.",
)
@json_option
def edit(
    *, job_id: str, name: str | None, labels: tuple[str, ...], priority: str | None, as_json: bool
) -> None:
    """Change the name, the labels or the priority of a job."""
    parts = [label.partition("=") for label in labels]
    changed = {key: value if equals else None for key, equals, value in parts}
    if name is None and priority is None and not labels:
        raise click.UsageError("say what to change: --name, --label or --priority")
    with connected() as client:
        job = client.jobs.update(job_id, name=name, labels=changed or None, priority=priority)
    if as_json:
        print_json(job)
    else:
        click.echo(f"{job.id}  {printable(job.name)}")


@click.command()
@click.argument("job_ids", metavar="JOB...", nargs=-1, required=True)
@json_option
def rm(*, job_ids: tuple[str, ...], as_json: bool) -> None:
    """Put jobs that are over in the trash, with all that they made."""
    with connected() as client:
        for job_id in job_ids:
            client.jobs.delete(job_id)
            if not as_json:
                click.echo(f"removed {job_id}; `still restore {job_id}` brings it back")
    if as_json:
        print_json({"ids": list(job_ids), "removed": True})


@click.command()
@click.argument("job_id", metavar="JOB")
@json_option
def restore(*, job_id: str, as_json: bool) -> None:
    """Take a job out of the trash again; `still jobs --trash` shows what is in it."""
    with connected() as client:
        job = client.jobs.restore(job_id)
    if as_json:
        print_json(job)
    else:
        click.echo(f"{job.id}  {job.state}  {printable(job.name)}")
