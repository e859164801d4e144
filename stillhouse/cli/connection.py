"""The service that a verb talks to, and the options that such verbs share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from stillhouse.client import StillhouseClient, find_login
from stillhouse.client.login import state_folder

Command = TypeVar("Command", bound=Callable[..., Any])


@contextmanager
def connected() -> Iterator[StillhouseClient]:
    login = find_login(os.environ)
    notes = state_folder(os.environ) / "uploads"
    with StillhouseClient(login.url, login.key, notes=notes) as client:
        yield client


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(
        command
    )


def nothing_of_the_list(context: click.Context) -> None:
    """Where a group lists by itself: its options are not for the verbs in it."""
    for name in context.params:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"the options before {context.invoked_subcommand} are for the list of "
                f"{context.info_name}"
            )


def timeout_option(what: str) -> Callable[[Command], Command]:
    return click.option(
        "--timeout",
        "timeout_s",
        type=click.FloatRange(min=0),
        metavar="SECONDS",
        help=f"Stop waiting for {what} after this long; exit code 5.",
    )
