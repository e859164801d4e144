"""An example of one operation: what the `examples.py` of each room is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Example:
    """The parameters of a path have theirs where they are declared."""

    answer: Any = None
    """The body of the answer when all goes well; None where it has none, or is no JSON."""
    body: Any = None
    """What is sent; None where nothing is, or raw bytes."""
    query: Mapping[str, Any] = field(default_factory=dict)
    """Parameters worth showing, of the query or of the headers, by name."""
    refusals: tuple[str, ...] = ()
    """Codes of problems beside the usual one of each status that the operation declares."""


Examples = Mapping[str, Example]
