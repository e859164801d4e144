"""`still demo`: a teacher and its student on real digits, over HTTP, in a service of its own."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import click
import yaml

from kd_core.errors import printable
from kd_core.report import Report
from stillhouse.cli.connection import json_option
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.printing import print_json
from stillhouse.cli.rendering import numbers_table
from stillhouse.cli.running import require_everything, running
from stillhouse.cli.submit import conclude
from stillhouse.cli.watching import JobLines, Watcher, ending_code, shown, watcher
from stillhouse.client import FileUnusable, Pace, StillhouseClient, find_login
from stillhouse.client.answers import Job
from stillhouse.client.downloads import place_for, pull

LOOPBACK = "127.0.0.1"
OUT = Path("stillhouse-demo")
LAST_WORDS = 20


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the service's data here.  [default: a temporary folder]",
)
@click.option("--keep", is_flag=True, help="Do not remove the temporary folder.")
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True)
@click.option("--url", help="Use the service that runs there, with the key that `still` knows.")
@json_option
def demo(
    *, data_dir: Path | None, keep: bool, out: Path, url: str | None, as_json: bool
) -> ExitCode:
    """Distil a ResNet-18 into a network thirty times smaller, and show what it kept.

    The service is started, given a job over HTTP, and stopped again: about two minutes.
    """
    if url and (data_dir or keep):
        raise click.UsageError("--data-dir and --keep belong to a service that the demo starts")
    if out.exists() and not out.is_dir():
        raise FileUnusable("this is not a folder", hint="choose another --out", file=str(out))
    with _service(url, data_dir, keep=keep) as (client, afterwards):
        if not as_json:
            click.echo(f"the service runs at {client.url}")
        job = client.jobs.create(document())
        job = shown(client.follow(job.id), _watcher(as_json=as_json))
        if ending_code(job) != ExitCode.OK:
            conclude(job)
            _last_words(client, job)
            return ending_code(job)
        files = _pulled(client, job, out)
    report = json.loads(files["report.json"].read_text(encoding="utf-8"))
    if as_json:
        print_json({"job": job.as_json(), "out": str(out), "report": report})
    else:
        _finish(Report.parse(report), files, afterwards)
    return ExitCode.OK


def document() -> dict[str, Any]:
    text = resources.files("stillhouse.cli").joinpath("demo.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@contextmanager
def _service(
    url: str | None, data_dir: Path | None, *, keep: bool
) -> Iterator[tuple[StillhouseClient, str]]:
    """A client of the service, and what to say about the service in the end."""
    if url is not None:
        login = find_login({**os.environ, "STILLHOUSE_URL": url})
        with StillhouseClient(login.url, login.key) as client:
            yield client, login.url
        return
    require_everything("demo")
    click.echo("starting a service of its own", err=True)
    with (
        _folder(data_dir, keep=keep) as root,
        running(root, LOOPBACK, None, workers=1) as stack,
        # Whoever waits for the job looks after the processes meanwhile.
        StillhouseClient(stack.url, stack.key, pace=Pace(sleep=stack.sleep)) as client,
    ):
        again = f"still up --data-dir {root}" if keep or data_dir else "still up"
        yield client, f"{stack.url} until now; `{again}` starts one to keep"


@contextmanager
def _folder(data_dir: Path | None, *, keep: bool) -> Iterator[Path]:
    if data_dir is not None:
        yield data_dir
    elif keep:
        yield Path(tempfile.mkdtemp(prefix="stillhouse-"))
    else:
        with tempfile.TemporaryDirectory(prefix="stillhouse-", ignore_cleanup_errors=True) as root:
            yield Path(root)


def _pulled(client: StillhouseClient, job: Job, out: Path) -> dict[str, Path]:
    found = client.jobs.artifacts(job.id)
    pull(client.artifacts, found, out)
    return {artifact.path: place_for(out, artifact) for artifact in found}


def _last_words(client: StillhouseClient, job: Job) -> None:
    """The service, and with it the log, is gone in a moment."""
    for line in [*client.jobs.logs(job.id)][-LAST_WORDS:]:
        click.echo(f"  | {printable(line.text)}", err=True)


def _watcher(*, as_json: bool) -> Watcher:
    """With --json, the one document at the end is the output; until then nothing is printed."""
    return Silence() if as_json else watcher(as_json=False)


class Silence(JobLines):
    def show(self, sighting: object) -> None:
        pass


def _finish(report: Report, files: dict[str, Path], afterwards: str) -> None:
    numbers_table(report, with_artifacts=True)
    for path in files.values():
        click.echo(f"file     {path}")
    click.echo(f"service  {afterwards}")
