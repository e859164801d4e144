"""`still curves`: how the numbers of a job went, drawn in the terminal."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Iterator, Sequence

import click

from kd_core.errors import printable
from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.plots import Point, plot, style_for
from stillhouse.cli.printing import print_json
from stillhouse.client.answers import Series

USUAL = ("train/loss", "val/loss", "val/top1", "val/agreement")
HEIGHT = 8
WIDEST = 100
MARGIN = 12
"""For the numbers beside a curve."""


@click.command()
@click.argument("job_id", metavar="JOB")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--since", "since_step", type=click.IntRange(min=0), help="Only from this step on.")
@click.option("--until", "until_step", type=click.IntRange(min=0), help="Only up to this step.")
@json_option
def curves(
    *,
    job_id: str,
    names: tuple[str, ...],
    since_step: int | None,
    until_step: int | None,
    as_json: bool,
) -> None:
    """Draw the curves of a job: loss and accuracy, or those that are named.

    `still curves JOB all` draws everything that was measured. Long curves are sampled; what was
    highest and lowest stays.
    """
    asked = () if "all" in names else names or USUAL
    with connected() as client:
        found = client.jobs.metrics(job_id, asked, since_step, until_step)
    if as_json:
        print_json(found)
        return
    missing = [name for name in names if name != "all" and name not in {one.name for one in found}]
    for name in missing:
        click.echo(f"{printable(name)}: nothing of this name was measured", err=True)
    if not found:
        click.echo("nothing was measured yet", err=True)
    for line in drawn(found):
        click.echo(line)


def drawn(found: Sequence[Series]) -> Iterator[str]:
    width = max(10, min(WIDEST, shutil.get_terminal_size().columns) - MARGIN)
    style = style_for(sys.stdout.encoding)
    for one in found:
        points = points_of(one)
        yield f"{printable(one.name)}  {in_numbers(points)}"
        yield from plot(points, width, HEIGHT, style)
        yield ""


def points_of(one: Series) -> list[Point]:
    """What was no finite number comes as nothing, and leaves a gap."""
    both = zip(one.steps, one.values, strict=True)
    return [(step, math.nan if value is None else value) for step, value in both]


def in_numbers(points: Sequence[Point]) -> str:
    """How it stands, in words, since a picture of text has few dots."""
    known = [(value, step) for step, value in points if math.isfinite(value)]
    if not known:
        return "no finite number"
    lowest, highest = min(known), max(known)
    last = points[-1][1]
    return (
        f"last {last:.4g}, lowest {lowest[0]:.4g} at step {lowest[1]:g}, "
        f"highest {highest[0]:.4g} at step {highest[1]:g}"
    )
