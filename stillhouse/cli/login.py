"""`still login`: which service the other verbs talk to."""

from __future__ import annotations

import os
import sys

import click

from stillhouse.cli.connection import json_option
from stillhouse.cli.printing import print_json
from stillhouse.client import Login, StillhouseClient
from stillhouse.client.login import checked_key, checked_url, config_file, write_login

DEFAULT_URL = "http://127.0.0.1:8080"


@click.command()
@click.option("--url", help="Address of the service; asked for when it is not given.")
@click.option("--key", help="API key; better asked for, or piped in, than seen in a process list.")
@json_option
def login(*, url: str | None, key: str | None, as_json: bool) -> None:
    """Try an address and a key, and keep them for the other verbs."""
    wanted = checked_url(url or _asked("address of the service", DEFAULT_URL))
    found = Login(wanted, checked_key(key or _asked("API key", secret=True)))
    with StillhouseClient(found.url, found.key) as client:
        client.keys.me()
        client.check_versions()
    path = config_file(os.environ)
    write_login(path, found)
    if as_json:
        print_json({"url": found.url, "config": str(path)})
    else:
        click.echo(f"logged in to {found.url}; kept in {path}")


def _asked(what: str, default: str | None = None, *, secret: bool = False) -> str:
    if not sys.stdin.isatty():
        # A pipe: `still login --url ... < key.txt` in a CI job.
        return sys.stdin.readline().strip() or default or ""
    answer: str = click.prompt(what, default=default, hide_input=secret, err=True)
    return answer
