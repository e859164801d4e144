"""Which clients and services understand each other."""

from __future__ import annotations

import re

OLDEST_CLIENT = "0.1.0"
"""Raised when an answer changes so that older clients cannot read it."""
_NUMBERS = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")


def too_old(client: str, service: str, oldest_client: str) -> str:
    """Which of the two is too old for the other, in a sentence with the way out; nothing when they
    fit, or when a version is none of ours.
    """
    mine, theirs, oldest = map(_numbers, (client, service, oldest_client))
    if not (mine and theirs and oldest):
        return ""
    if mine < oldest:
        return (
            f"this client ({client}) is too old for the service ({service}): "
            f"pip install 'stillhouse=={service}'"
        )
    if theirs < mine:
        return (
            f"the service ({service}) is older than this client ({client}): upgrade the "
            f"service, or pip install 'stillhouse=={service}'"
        )
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    found = _NUMBERS.match(version)
    return tuple(map(int, found.groups())) if found else ()
