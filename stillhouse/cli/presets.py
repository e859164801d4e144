"""`still presets`: published settings that a specification may name."""

from __future__ import annotations

import json

import click

from kd_core.spec.presets import PRESET_KINDS, PresetKind
from kd_core.spec.presets import presets as known
from stillhouse.cli.tables import print_grid


@click.command()
@click.option("--kind", type=click.Choice(PRESET_KINDS), help="Only those of a loss or a recipe.")
@click.option("--json", "as_json", is_flag=True, help="With what each of them sets.")
def presets(*, kind: PresetKind | None, as_json: bool) -> None:
    """List the presets of losses and recipes, with their sources."""
    found = [
        (each, name, preset)
        for each in ((kind,) if kind else PRESET_KINDS)
        for name, preset in known(each).items()
    ]
    if as_json:
        described = [{"kind": each, "name": name, **at.model_dump()} for each, name, at in found]
        click.echo(json.dumps(described, indent=2))
        return
    titles = ("kind", "preset", "what it is for", "source")
    print_grid(titles, [(each, name, at.about, at.source) for each, name, at in found])
