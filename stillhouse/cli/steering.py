"""`still cancel`, `still pause` and `still resume`: what is done to a job that is there."""

from __future__ import annotations

import click

from stillhouse.cli.connection import connected, json_option, timeout_option
from stillhouse.cli.printing import print_json
from stillhouse.client.answers import Job
from stillhouse.domain.job import State
from stillhouse.domain.more_epochs import MOST_EXTRA_EPOCHS


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--wait", is_flag=True, help="Stay until its process is gone.")
@timeout_option("the end of the job")
@json_option
def cancel(*, job_id: str, wait: bool, timeout_s: float | None, as_json: bool) -> None:
    """End a job that is not over."""
    _only_while_waiting(timeout_s, wait=wait)
    with connected() as client:
        job = client.jobs.cancel(job_id)
        if wait:
            job = client.jobs.wait(job_id, timeout_s)
    _say(job, as_json=as_json)


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--wait", is_flag=True, help="Stay until it is saved and its process is gone.")
@timeout_option("the pause")
@json_option
def pause(*, job_id: str, wait: bool, timeout_s: float | None, as_json: bool) -> None:
    """Save where a job is and free its worker, until `still resume`."""
    _only_while_waiting(timeout_s, wait=wait)
    with connected() as client:
        job = client.jobs.pause(job_id)
        if wait:
            job = client.jobs.settled(job_id, timeout_s)
    _say(job, as_json=as_json)


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option(
    "--extra-epochs",
    type=click.IntRange(1, MOST_EXTRA_EPOCHS),
    metavar="N",
    help="Train for so many epochs more; its schedule keeps the length that it had.",
)
@json_option
def resume(*, job_id: str, extra_epochs: int | None, as_json: bool) -> None:
    """Let a paused job go on from where it was."""
    with connected() as client:
        job = client.jobs.resume(job_id, extra_epochs=extra_epochs)
    _say(job, as_json=as_json)


def _only_while_waiting(timeout_s: float | None, *, wait: bool) -> None:
    if timeout_s is not None and not wait:
        raise click.UsageError("--timeout is for --wait")


def _say(job: Job, *, as_json: bool) -> None:
    if as_json:
        print_json(job)
        return
    click.echo(f"{job.id}  {job.state}")
    if job.state == State.PAUSED:
        click.echo(f"  `still resume {job.id}` lets it go on")
