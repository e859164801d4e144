"""`still verify`: whether a folder is what its manifest says, and worth what its report says."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kd_core.errors import BundleInvalid, printable
from kd_core.report import Report
from kd_core.spec.document import BUILT_IN_DATA
from kd_core.spec.sources import FILE
from kd_core.verification import Verification, verified
from stillhouse.cli import extras
from stillhouse.cli.connection import json_option
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from kd_core.remeasuring import Remeasured

REPORT = "report.json"
SHOWN_UNLISTED = 10


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--data",
    metavar="PATH",
    help="Also run the files on this data set, and hold their accuracy against the report.",
)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@json_option
def verify(*, folder: Path, data: str | None, threads: int, as_json: bool) -> ExitCode:
    """Hold every file of a run, or of what a job shipped, against its manifest.

    Nothing is asked over the network, and without --data nothing in DIR is run: a model is a
    program, so give --data for what comes from somebody you trust. The exit code is 7 where a file
    is missing or changed, or its accuracy is not the report's, and 6 where there is no manifest to
    go by.
    """
    if data is not None:
        extras.require("verify --data", extras.TRAINING, "runs the models")
    found = verified(folder)
    measured = None if data is None or not found.holds else _measured(folder, found, data, threads)
    holds = found.holds and (measured is None or measured.holds)
    if as_json:
        print_json(_document(found, measured, holds=holds))
    else:
        _tell(found, measured)
        click.echo("verified" if holds else "failed")
    return ExitCode.OK if holds else ExitCode.NOT_VERIFIED


def _measured(folder: Path, found: Verification, data: str, threads: int) -> Remeasured:
    from kd_core.remeasuring import remeasured

    built_in = data in BUILT_IN_DATA and not Path(data).exists()
    source = data if built_in else f"{FILE}{data}"
    return remeasured(folder, found.manifest, _report(folder, found), Path.cwd(), source, threads)


def _report(folder: Path, found: Verification) -> Report:
    if REPORT in {checked.file.path for checked in found.files}:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            return Report.parse(json.loads((folder / REPORT).read_bytes()))
    raise BundleInvalid(
        "the manifest lists no report that this version can read",
        hint="verify it without --data, or with the version of Stillhouse that made it",
        file=str(folder / REPORT),
    )


def _tell(found: Verification, measured: Remeasured | None) -> None:
    rows = [(one.file.path, f"{one.file.bytes:,}", one.state) for one in found.files]
    print_table(("path", "bytes", "state"), rows)
    click.echo(f"manifest  {found.sha256}")
    if found.unlisted:
        more = len(found.unlisted) - SHOWN_UNLISTED
        names = ", ".join(printable(name) for name in found.unlisted[:SHOWN_UNLISTED])
        click.echo(f"unlisted  {names}" + (f" and {more} more" if more > 0 else ""))
    if measured is not None:
        _tell_worth(measured)


def _tell_worth(measured: Remeasured) -> None:
    which = "validation samples of the run" if measured.same_data else "samples of other data"
    click.echo(f"measured on {measured.samples:,} {which}")
    titles = ("file", "top-1", "report", "state")
    rows = [
        (one.name, _share(one.top1), _share(one.reported), one.reason or one.state)
        for one in measured.scores
    ]
    print_table(titles, rows)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def _document(found: Verification, measured: Remeasured | None, *, holds: bool) -> dict[str, Any]:
    files = [{**one.file.model_dump(), "state": one.state} for one in found.files]
    document: dict[str, Any] = {
        "verdict": "verified" if holds else "failed",
        "manifest": found.sha256,
        "files": files,
        "unlisted": list(found.unlisted),
    }
    if measured is not None:
        document["measured"] = {
            "same_data": measured.same_data,
            "samples": measured.samples,
            "files": [_known(vars(score)) for score in measured.scores],
        }
    return document


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
