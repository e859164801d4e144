"""Server-sent events, read from the lines of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

COMMENT = ""
"""What comes before the colon of one."""


class Message(NamedTuple):
    event: str
    data: str
    identity: str = ""


def messages(lines: Iterable[str]) -> Iterator[Message | None]:
    """Each when it is whole; None for a comment, which only says that somebody is there."""
    told: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, text = line.partition(":")
            text = text.removeprefix(" ")
            told[name] = f"{told['data']}\n{text}" if name == "data" and name in told else text
            continue
        if "data" in told:
            yield Message(told.get("event", "message"), told["data"], told.get("id", ""))
        elif COMMENT in told:
            yield None
        told = {}
