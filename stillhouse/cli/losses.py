"""`still losses`: what a specification may ask for under `loss`."""

from __future__ import annotations

import json

import click

from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.losses.declaration import LossSpec
from stillhouse.cli.tables import print_grid


@click.command()
@click.option("--json", "as_json", is_flag=True, help="With the JSON Schema of the parameters.")
def losses(*, as_json: bool) -> None:
    """List the losses, what they need and what they are told."""
    if as_json:
        click.echo(json.dumps([_described(loss) for loss in LOSSES.values()], indent=2))
        return
    rows: list[tuple[str, ...]] = []
    for loss in LOSSES.values():
        parameters = (f"{name}: {default}" for name, default in loss.params().model_dump().items())
        needs = ", ".join(need.replace("_", " ") for need in loss.needs.words)
        rows += [(loss.kind, loss.summary, needs, "\n".join(parameters), loss.paper), ()]
    print_grid(("loss", "what it does", "needs", "parameters", "paper"), rows)


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
