"""`still report`: what a run or a job was worth, as text, as a page, or as JSON."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from kd_core.errors import WorkdirInvalid
from kd_core.files import write_atomically
from kd_core.json_text import json_text
from kd_core.pages.html.page import html
from kd_core.pages.markdown import markdown
from kd_core.report import Report
from kd_core.workdir import REPORT, read_report
from stillhouse.cli.connection import connected, json_option
from stillhouse.client.errors import FileUnusable
from stillhouse.domain.ids import Prefix


@click.command()
@click.argument("place", metavar="DIR|JOB")
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write it as a page that needs no network, instead of printing it.",
)
@json_option
def report(*, place: str, html_file: Path | None, as_json: bool) -> None:
    """Show the report of a run (its folder, or report.json itself) or of a job.

    It is printed as Markdown, for a terminal or a merge request.
    """
    if html_file is not None and as_json:
        raise click.UsageError("--html writes a page, --json prints JSON: choose one")
    found = _found(place)
    if html_file is not None:
        _write(html_file, html(found))
    else:
        click.echo(json_text(found.as_json()) if as_json else markdown(found), nl=False)


def _found(place: str) -> Report:
    path = Path(place)
    if place.startswith(f"{Prefix.JOB}_") and not path.exists():
        return _of_job(place)
    return _read(path / REPORT if path.is_dir() else path)


def _read(path: Path) -> Report:
    known = read_report(path)
    if known is None:
        raise WorkdirInvalid(
            "there is no report here",
            hint="a run writes it when it is over; give its folder, or the id of a job",
            file=str(path),
            code="no_report",
        )
    return known


def _of_job(job_id: str) -> Report:
    with connected() as client, TemporaryDirectory() as folder:
        made = {artifact.path: artifact for artifact in client.jobs.artifacts(job_id)}
        if REPORT not in made:
            raise WorkdirInvalid(
                f"{job_id} has no report",
                hint=f"a job has one when it has succeeded; `still jobs show {job_id}` says more",
                code="no_report",
            )
        return _read(client.artifacts.download(made[REPORT], Path(folder) / REPORT))


def _write(path: Path, page: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, page.encode())
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise FileUnusable(message, hint="choose another --html", file=str(path)) from None
    click.echo(path)
