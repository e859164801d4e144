"""`still losses`: what a specification may ask for under `loss`."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.losses.declaration import LossSpec


@click.command()
@click.option("--json", "as_json", is_flag=True, help="With the JSON Schema of the parameters.")
def losses(*, as_json: bool) -> None:
    """List the losses, what they need and what they are told."""
    if as_json:
        click.echo(json.dumps([_described(loss) for loss in LOSSES.values()], indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("loss", "what it does", "needs", "parameters", "paper"):
        table.add_column(title, overflow="fold")
    for loss in LOSSES.values():
        parameters = (f"{name}: {default}" for name, default in loss.params().model_dump().items())
        needs = ", ".join(need.replace("_", " ") for need in loss.needs.words)
        table.add_row(loss.kind, loss.summary, needs, "\n".join(parameters), loss.paper)
        table.add_row()
    Console().print(table)


def _described(loss: LossSpec) -> dict[str, object]:
    return {
        "kind": loss.kind,
        "summary": loss.summary,
        "family": loss.family,
        "needs": loss.needs.words,
        "paper": loss.paper,
        "source": loss.source,
        "paper_sum": loss.paper_sum,
        "schema": TERMS[loss.kind].model_json_schema(),
    }
