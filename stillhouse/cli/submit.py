"""`still submit` and `still watch`: a job handed in, and looked at until it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kd_core.errors import printable
from stillhouse.cli.connection import connected, json_option, timeout_option
from stillhouse.cli.documents import read_document, with_way_out
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.gates import print_gates
from stillhouse.cli.places import pointing_into
from stillhouse.cli.printing import print_json
from stillhouse.cli.watching import conclusion, ending_code, shown, watcher
from stillhouse.client import ApiError, StillhouseClient
from stillhouse.client.answers import Job
from stillhouse.domain.job import State


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--wait", is_flag=True, help="Stay until the job is over; the exit code says how.")
@click.option(
    "--if-duplicate",
    type=click.Choice(["run", "reuse", "reject"]),
    help="What to do where a job of the same science is there; over what SPEC says.",
)
@timeout_option("the job")
@json_option
def submit(
    *,
    spec: Path,
    wait: bool,
    if_duplicate: str | None,
    timeout_s: float | None,
    as_json: bool,
) -> ExitCode:
    """Hand in the job that SPEC (a YAML or JSON file) describes."""
    if timeout_s is not None and not wait:
        raise click.UsageError("--timeout is for --wait")
    with pointing_into(spec):
        document = read_document(spec)
    if if_duplicate is not None:
        document["if_duplicate"] = if_duplicate
    with connected() as client:
        try:
            with pointing_into(spec):
                job = client.jobs.create(document)
        except ApiError as error:
            raise with_way_out(error, document) from None
        with _goes_on(job.id):
            if not as_json:
                click.echo(f"{job.id}  {printable(job.name)}")
            elif not wait:
                print_json(job)
            if not wait:
                return ExitCode.OK
            if as_json:
                job = client.jobs.wait(job.id, timeout_s)
                print_json(job)
                return ending_code(job)
            return _watched(client, job.id, timeout_s, as_json=False)


@click.command()
@click.argument("job_id", metavar="JOB")
@timeout_option("the job")
@json_option
def watch(*, job_id: str, timeout_s: float | None, as_json: bool) -> ExitCode:
    """Show a job as it goes, from its beginning; the exit code says how it ended."""
    with connected() as client, _goes_on(job_id):
        return _watched(client, job_id, timeout_s, as_json=as_json)


def _watched(
    client: StillhouseClient, job_id: str, timeout_s: float | None, *, as_json: bool
) -> ExitCode:
    sightings = client.follow(job_id, timeout_s, epochs=not as_json)
    job = shown(sightings, watcher(as_json=as_json))
    if not as_json:
        conclude(job)
        if job.was_judged:
            print_gates(client.jobs.verdict(job_id).gates)
    return ending_code(job)


def conclude(job: Job) -> None:
    for line in conclusion(job):
        click.echo(line, err=job.state != State.SUCCEEDED)


@contextmanager
def _goes_on(job_id: str) -> Iterator[None]:
    """Who stops looking does not stop the job."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"the job {job_id} goes on; `still cancel {job_id}` ends it", err=True)
        raise
