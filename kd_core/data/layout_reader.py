"""What recognising a layout ends in: somebody who can read it."""

from __future__ import annotations

from typing import Protocol

from kd_core.data.listing import Listing


class Reader(Protocol):
    def __call__(self, *, unlabelled: bool) -> Listing:
        """List the tree that was recognised."""
