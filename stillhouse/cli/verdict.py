"""`still verdict`: whether a job reached what its gates ask for, for people and for CI."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from stillhouse.cli import junit
from stillhouse.cli.connection import connected, json_option, timeout_option
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.gates import print_gates
from stillhouse.cli.printing import print_json
from stillhouse.cli.watching import conclusion, ending_code
from stillhouse.client import StillhouseClient, WaitTimedOut
from stillhouse.client.answers import Job, Verdict


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--wait", is_flag=True, help="Stay until the job is over.")
@timeout_option("the job")
@click.option(
    "--junit",
    "junit_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write it as JUnit XML, a test case for each gate.",
)
@json_option
def verdict(
    *, job_id: str, wait: bool, timeout_s: float | None, junit_file: Path | None, as_json: bool
) -> ExitCode:
    """Say whether a job reached what its gates ask for.

    The exit code says how it ended: 0 passed or no gates, 2 a gate failed, 3 the job failed,
    4 cancelled or expired, 5 not over.
    """
    if timeout_s is not None and not wait:
        raise click.UsageError("--timeout is for --wait")
    with connected() as client:
        if wait:
            with suppress(WaitTimedOut):  # what is known by then is told, and written
                client.jobs.wait(job_id, timeout_s)
        job, found = _both(client, job_id)
    if junit_file is not None:
        junit.write(junit_file, junit.document(job, found))
    if as_json:
        print_json({"job": job.id, "state": job.state, **found.as_json()})
    else:
        _tell(job, found)
    return ending_code(job)


def _both(client: StillhouseClient, job_id: str) -> tuple[Job, Verdict]:
    """Of one moment: a job that is over stays as it is."""
    job, found = client.jobs.get(job_id), client.jobs.verdict(job_id)
    if found.is_pending == job.is_over:
        job = client.jobs.get(job_id)
    return job, found


def _tell(job: Job, found: Verdict) -> None:
    print_gates(found.gates)
    if ending_code(job) not in {ExitCode.OK, ExitCode.GATE_FAILED}:
        for line in conclusion(job):
            click.echo(line, err=True)
    elif not found.gates:
        click.echo("succeeded; it has no gates")
