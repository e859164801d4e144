"""A service on this machine for as long as a verb needs it."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from kd_core.errors import ExtraMissing
from stillhouse.cli import extras

if TYPE_CHECKING:
    from stillhouse.local.stack import Stack

SECRET_BYTES = 24


@contextmanager
def running(root: Path, host: str, port: int | None, workers: int) -> Iterator[Stack]:
    """Everything is checked before anything starts; everything is gone when the block is left."""
    # Imported when the extra is known to be there.
    from stillhouse.local.folder import occupied, prepared
    from stillhouse.local.ports import check_port, free_port, url_of
    from stillhouse.local.programs import Plan
    from stillhouse.local.stack import Stack

    port = port or free_port()
    folder = prepared(root)
    with occupied(folder, url_of(host, port)), stopped_by_signals():
        check_port(host, port)
        password = secrets.token_hex(SECRET_BYTES)
        plan = Plan(folder, host, port, workers, free_port(), password)
        with Stack(plan, os.environ, lambda words: click.echo(words, err=True)) as stack:
            yield stack


def require_everything(verb: str) -> None:
    if not sys.platform.startswith("linux"):
        raise ExtraMissing(
            f"`still {verb}` runs workers, and those run on Linux",
            hint="use a service on another machine: `still login`",
        )
    extras.require(verb, extras.TRAINING + extras.SERVING, "runs the whole service on this machine")


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """SIGTERM and a terminal that closes end the block as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, interrupt)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
