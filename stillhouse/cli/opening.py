"""`still open`: the dashboard of the service in use, signed in."""

from __future__ import annotations

import os
import sys
import webbrowser

import click

from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.printing import print_json
from stillhouse.client.dashboard import HOW, is_served, signed_in
from stillhouse.client.errors import DashboardMissing


@click.command()
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Open it in a browser.  [default: where there is a display]",
)
@json_option
def open(*, browser: bool | None, as_json: bool) -> None:  # noqa: A001 - as the verb is called
    """Print the address of the dashboard, signed in for a minute, and open it in a browser."""
    with connected() as client:
        if not is_served(client.url):
            raise DashboardMissing(f"{client.url} shows no dashboard", hint=HOW)
        made = client.keys.sign_in_code()
        address = signed_in(client.url, made.code)
    if as_json:
        print_json({"url": address, "expires_at": made.expires_at.isoformat()})
    else:
        click.echo(address)
    if browser or (browser is None and _has_display() and not as_json):
        webbrowser.open(address)


def _has_display() -> bool:
    """And somebody who looks at it: a script that reads the address wants no window."""
    there = sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & {*os.environ}
    return bool(there) and sys.stdout.isatty()
