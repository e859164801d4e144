"""`still up`: the whole service on this machine, until Ctrl-C."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stillhouse.cli.connection import json_option
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.printing import print_json
from stillhouse.cli.running import require_everything, running
from stillhouse.client import ClientError, Login
from stillhouse.client.dashboard import HOW, is_served, signed_in
from stillhouse.client.login import (
    config_file,
    data_folder,
    is_loopback,
    read_login,
    write_login,
)

if TYPE_CHECKING:
    from stillhouse.local.stack import Stack

LOOK_S = 1.0


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where everything is kept.  [default: ~/.local/share/stillhouse]",
)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API listens.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option("--show-key", is_flag=True, help="Print the API key of this service.")
@json_option
def up(
    *,
    data_dir: Path | None,
    port: int,
    host: str,
    workers: int,
    show_key: bool,
    as_json: bool,
) -> ExitCode:
    """Run the whole service here: API, worker, reconciler, database, broker, files."""
    require_everything("up")
    root = data_dir or data_folder(os.environ)
    ready = False
    try:
        with running(root, host, port, workers) as stack:
            ready = True
            kept = _remember(stack)
            _announce(stack, kept, show_key=show_key, as_json=as_json)
            while True:
                stack.sleep(LOOK_S)
    except KeyboardInterrupt:
        click.echo("stopped" if ready else "stopped before it was ready", err=True)
    return ExitCode.OK


def _announce(stack: Stack, kept: str, *, show_key: bool, as_json: bool) -> None:
    folder = stack.plan.folder
    facts = {
        "url": stack.url,
        "dashboard": signed_in(stack.url, stack.sign_in_code()) if is_served(stack.url) else None,
        "data": str(folder.root),
        "logs": str(folder.logs),
    }
    if as_json:
        key = {"key": stack.key} if show_key else {}
        print_json({**facts, "pid": os.getpid(), "key_file": str(folder.key), **key})
        return
    click.echo(f"Stillhouse is ready at {stack.url}")
    click.echo(f"  dashboard  {facts['dashboard'] or f'is not built: {HOW}'}")
    click.echo(f"  data       {facts['data']}\n  logs       {facts['logs']}\n  key        {kept}")
    if show_key:
        click.echo(f"  {stack.key}")
    click.echo("Ctrl-C stops it.")


def _remember(stack: Stack) -> str:
    """Let the other verbs find this service, unless they are logged in to one elsewhere."""
    path = config_file(os.environ)
    own = stack.plan.folder.key
    try:
        known = read_login(path)
    except ClientError:
        return f"{own}; {path} cannot be read and was left alone"
    if known is not None and not is_loopback(known.url):
        return f"{own}; `still` stays logged in to {known.url}"
    try:
        write_login(path, Login(stack.url, stack.key))
    except ClientError as error:
        return f"{own}; {error}"
    return f"{path}, so `still` works at once"
