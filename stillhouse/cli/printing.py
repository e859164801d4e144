"""Tables and JSON on stdout. Names come from strangers: they are text, and neither markup nor
commands to a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from kd_core.errors import printable
from stillhouse.cli.tables import print_grid
from stillhouse.client.answers import Answer

NUMBERS = frozenset({"bytes", "samples", "classes"})


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    right = [place for place, title in enumerate(titles) if title in NUMBERS]
    print_grid(titles, [[*map(printable, row)] for row in rows], right=right)


def print_json(found: Answer | Iterable[Answer] | Mapping[str, Any]) -> None:
    if isinstance(found, Answer):
        document: Any = found.as_json()
    elif isinstance(found, Mapping):
        document = dict(found)
    else:
        document = [item.as_json() for item in found]
    click.echo(json.dumps(document, indent=2))
