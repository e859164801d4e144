"""Entity tags of jobs: the version of a row as HTTP writes it."""

from __future__ import annotations

import re

# While it is queued, its place in the queue stands behind the version.
TAG = re.compile(r'(?:W/)?"j-([0-9]{1,18})(?:-[a-z0-9_-]{1,40})?"')


def tag(version: int, place: str = "") -> str:
    return f'W/"j-{version}{place and "-"}{place}"'


def versions_in(text: str) -> frozenset[int] | None:
    """What an If-Match names; None when any version will do. What is no tag of ours is none."""
    if text.strip() == "*":
        return None
    found = (TAG.fullmatch(part.strip()) for part in text.split(","))
    return frozenset(int(match[1]) for match in found if match is not None)
