"""Tables and JSON on stdout. Names come from strangers: they are text, and neither markup nor
commands to a terminal.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kd_core.errors import printable
from stillhouse.client.answers import Answer

LINE = 250
NUMBERS = frozenset({"bytes", "samples", "classes"})


def print_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Folded to a terminal's width; whole lines for whatever else reads it."""
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, justify="right" if title in NUMBERS else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else LINE).print(table)


def print_json(found: Answer | Iterable[Answer] | Mapping[str, Any]) -> None:
    if isinstance(found, Answer):
        document: Any = found.as_json()
    elif isinstance(found, Mapping):
        document = dict(found)
    else:
        document = [item.as_json() for item in found]
    click.echo(json.dumps(document, indent=2))
