"""One page of a list, and the cursor to the next: a place between two rows, never a number."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from kd_core.errors import Problem
from kd_core.problems import shown
from stillhouse.domain.errors import Invalid
from stillhouse.domain.text import is_storable

MAX_LIMIT = 200
MOST = 2**31
CURSOR = "^[A-Za-z0-9_-]+$"
"""What every cursor looks like; what it means is ours alone."""
Item = TypeVar("Item")
Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Order:
    """By which column a list is sorted; rows that are alike there follow their ids, which are as
    old as they are.
    """

    by: str
    descending: bool

    @classmethod
    def read(cls, text: str) -> Order:
        """`-created_at` is the newest first."""
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"-{self.by}" if self.descending else self.by


NEWEST = Order("created_at", descending=True)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of the page before, in a list of this order: what follows it is ahead."""

    value: datetime | int | str
    identity: str
    order: Order = NEWEST

    def encode(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, datetime) else self.value
        text = json.dumps([str(self.order), value, self.identity], ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")

    @classmethod
    def decode(cls, text: str, order: Order = NEWEST) -> Cursor:
        # Unsigned: it names a place in a list that the key may read anyway, and grants nothing.
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            decoded = base64.b64decode(padded, altchars=b"-_", validate=True).decode("utf-8")
            sort, value, identity = json.loads(decoded)
        except (ValueError, TypeError, RecursionError, binascii.Error):
            raise _invalid() from None
        if not isinstance(sort, str) or not isinstance(identity, str) or not is_storable(identity):
            raise _invalid()
        if sort != str(order):
            message = f"this cursor is of a list that is sorted by {shown(sort)}, not by {order}"
            hint = "ask for the first page of the new order"
            raise Invalid((Problem("invalid_cursor", message, hint),))
        return cls(_read_value(value, order), identity, order)


def _read_value(value: Any, order: Order) -> datetime | int | str:
    """As the column has it; `Invalid` for what it cannot have."""
    if order.by == "priority":
        if type(value) is not int or abs(value) > MOST:
            raise _invalid()
        return value
    if not isinstance(value, str) or not is_storable(value):
        raise _invalid()
    return value if order.by == "name" else _moment(value)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.utcoffset() is None:
            raise _invalid()
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
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
