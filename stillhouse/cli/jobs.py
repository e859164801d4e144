"""`still jobs`, `still jobs show` and `still logs`."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import islice

import click

from kd_core.errors import printable
from stillhouse.cli.connection import connected, json_option, nothing_of_the_list
from stillhouse.cli.gates import print_gates
from stillhouse.cli.printing import print_json, print_table
from stillhouse.cli.watching import conclusion, phase_words
from stillhouse.client.answers import Job
from stillhouse.domain.events import Level, Stream
from stillhouse.domain.job import State
from stillhouse.domain.waiting import WaitReason

LONGEST_LINE = 1_000_000
DATES = ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
WAITS: dict[str, str] = {
    WaitReason.NO_WORKER: "no worker that could take it is up",
    WaitReason.JOBS_AHEAD: "others go first",
    WaitReason.WORKERS_BUSY: "every worker is busy",
    WaitReason.ABOUT_TO_START: "about to start",
}
VERDICTS = ["passed", "failed", "not_evaluated"]
SORTS = ["created_at", "-created_at", "name", "-name", "priority", "-priority"]


@click.group(invoke_without_command=True)
@click.option(
    "--state",
    "states",
    type=click.Choice([state.value for state in State]),
    multiple=True,
    help="Only jobs in this state; again for more.",
)
@click.option("--project", help="Only jobs of this project.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="KEY=VALUE",
    help="Only jobs with this label; a KEY alone has any value. Again: all must hold.",
)
@click.option("--name", metavar="TEXT", help="Only jobs with this in their name.")
@click.option(
    "--teacher", metavar="MODEL", help="Only jobs that learn from this model or architecture."
)
@click.option("--student", metavar="ARCHITECTURE", help="Only jobs with such a student.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only jobs whose gates said this.")
@click.option("--since", type=click.DateTime(DATES), help="Only jobs submitted after this moment.")
@click.option("--until", type=click.DateTime(DATES), help="Only jobs submitted before it.")
@click.option(
    "--sort",
    type=click.Choice(SORTS),
    help="By what; with a minus the other way round. Default: -created_at, the newest first.",
)
@click.option("--trash", is_flag=True, help="Those that were deleted, in place of all others.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@json_option
@click.pass_context
def jobs(  # noqa: PLR0913 - one for each option
    context: click.Context,
    *,
    states: tuple[str, ...],
    project: str | None,
    labels: tuple[str, ...],
    name: str | None,
    teacher: str | None,
    student: str | None,
    verdict: str | None,
    since: datetime | None,
    until: datetime | None,
    sort: str | None,
    trash: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List the jobs, the newest first; or show one of them."""
    if context.invoked_subcommand is not None:
        nothing_of_the_list(context)
        return
    with connected() as client:
        every = client.jobs.list(
            *states,
            project=project,
            labels=labels,
            name=name,
            teacher=teacher,
            student=student,
            verdict=verdict,
            created_after=since.astimezone() if since else None,
            created_before=until.astimezone() if until else None,
            sort=sort,
            trash=trash,
        )
        found = list(islice(every, limit))
    if as_json:
        print_json(found)
        return
    rows = [(job.id, job.name, job.state, _where(job), _when(job)) for job in found]
    print_table(("id", "name", "state", "", "created"), rows)


@jobs.command()
@click.argument("job_id", metavar="JOB")
@json_option
def show(*, job_id: str, as_json: bool) -> None:
    """Show one job: where it is, how it ended, and what its gates say."""
    with connected() as client:
        job, verdict = client.jobs.get(job_id), client.jobs.verdict(job_id)
    if as_json:
        print_json({**job.as_json(), "gates": verdict.as_json()["gates"]})
        return
    click.echo(f"{job.id}  {printable(job.name)}")
    for line in conclusion(job) if job.is_over else [f"{job.state}  {_where(job)}".rstrip()]:
        click.echo(line)
    print_gates(verdict.gates)


def _when(job: Job) -> str:
    return job.created_at.strftime("%Y-%m-%d %H:%M") if job.created_at else ""


def _where(job: Job) -> str:
    if job.queue is not None:
        why = WAITS.get(job.queue.reason, job.queue.reason.replace("_", " "))
        return f"{why}, number {job.queue.position} in the queue"
    if job.is_over or not job.phase:
        return job.failure.code if job.failure else ""
    done = job.progress.fraction if job.progress else None
    return phase_words(job.phase) + (f" {done:.0%}" if done is not None else "")


@click.command()
@click.argument("job_id", metavar="JOB")
@click.option("--stream", type=click.Choice([stream.value for stream in Stream]))
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    help="Only lines of this level, and of those above it.",
)
@click.option("--contains", metavar="TEXT", help="Only lines with these letters in them.")
@json_option
def logs(
    *, job_id: str, stream: str | None, level: str | None, contains: str | None, as_json: bool
) -> None:
    """Print what the processes of a job wrote."""
    with connected() as client:
        for line in client.jobs.logs(job_id, stream=stream, level=level, contains=contains):
            click.echo(
                json.dumps(line.as_json()) if as_json else printable(line.text, LONGEST_LINE)
            )
