"""One page of a list, and the cursor to the next: a place between two rows, never a number."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from kd_core.errors import Problem
from stillhouse.domain.errors import Invalid
from stillhouse.domain.text import is_storable

MAX_LIMIT = 200
Item = TypeVar("Item")
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of the page before: newer rows are behind it, older ones are ahead."""

    created_at: datetime
    identity: str

    def encode(self) -> str:
        text = f"{self.created_at.isoformat()} {self.identity}"
        return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        # Unsigned: it names a place in a list that the key may read anyway, and grants nothing.
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            decoded = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
            created_at, identity = decoded.split(" ")
            at = datetime.fromisoformat(created_at)
        except (ValueError, binascii.Error):
            raise _invalid() from None
        if at.utcoffset() is None or not is_storable(identity):
            raise _invalid()
        try:
            return cls(at.astimezone(UTC), identity)
        except OverflowError:
            raise _invalid() from None


def _invalid() -> Invalid:
    message = "this is no cursor of ours"
    return Invalid((Problem("invalid_cursor", message, "use next_cursor of the page before"),))


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    next: Cursor | None

    @property
    def has_more(self) -> bool:
        return self.next is not None

    def map(self, show: Callable[[Item], Shown]) -> Page[Shown]:
        return Page([show(item) for item in self.items], self.next)
