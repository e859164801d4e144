"""`still keys` and `still whoami`: who may do what, with the things of which project."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from kd_core.errors import printable
from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.printing import print_json, print_table
from stillhouse.client.answers import Key, KeyWithToken
from stillhouse.domain.durations import read_duration
from stillhouse.domain.keys import Scope


class Length(click.ParamType[timedelta]):
    name = "length"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        try:
            return read_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group()
def keys() -> None:
    """Make, list, rotate and revoke API keys; with a key that has the scope admin."""


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="What it may do; again for more. Default: everything but admin.",
)
@click.option("--project", help="The only project that it sees. Default: as the key in use.")
@click.option("--expires", type=Length(), metavar="30d", help="For how long it is good.")
@json_option
def create(
    *,
    name: str,
    scopes: tuple[str, ...],
    project: str | None,
    expires: timedelta | None,
    as_json: bool,
) -> None:
    """Make a key, and print its token, once."""
    until = None if expires is None else datetime.now(UTC) + expires
    with connected() as client:
        made = client.keys.create(name, scopes, project=project, expires_at=until)
    _shown_once(made, as_json=as_json)


@keys.command("list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """List the keys that were not revoked."""
    with connected() as client:
        found = list(client.keys.list())
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "name", "project", "scopes", "expires", "last used"),
        [
            (k.id, k.name, k.project or "all", _scopes(k), _at(k.expires_at), _at(k.last_used_at))
            for k in found
        ],
    )


@keys.command()
@click.argument("key_id", metavar="KEY")
@click.option(
    "--overlap",
    type=Length(),
    metavar="1h",
    help="For how long the token before is good as well; 0s ends it at once.  [default: 1h]",
)
@json_option
def rotate(*, key_id: str, overlap: timedelta | None, as_json: bool) -> None:
    """Give a key a new token, and print it, once. Its id, scopes and project stay."""
    overlap_s = None if overlap is None else round(overlap.total_seconds())
    with connected() as client:
        made = client.keys.rotate(key_id, overlap_s=overlap_s)
    if not as_json:
        until = made.previous_valid_until
        ends = "ended" if until is None else f"is good until {_at(until)}"
        click.echo(f"the token before {ends}", err=True)
    _shown_once(made, as_json=as_json)


@keys.command()
@click.argument("key_id", metavar="KEY")
@json_option
def revoke(*, key_id: str, as_json: bool) -> None:
    """End a key at once. What was made with it stays."""
    with connected() as client:
        client.keys.revoke(key_id)
    if as_json:
        print_json({"id": key_id, "revoked": True})
    else:
        click.echo(f"revoked {key_id}")


@click.command()
@json_option
def whoami(*, as_json: bool) -> None:
    """Show the key in use: its tenant, its project, and what it may do."""
    with connected() as client:
        me = client.keys.me()
    if as_json:
        print_json(me)
        return
    click.echo(f"{me.key.id}  {printable(me.key.name)}")
    click.echo(f"  tenant   {printable(me.tenant)}")
    click.echo(f"  project  {printable(me.key.project or 'all')}")
    click.echo(f"  scopes   {_scopes(me.key)}")
    click.echo(f"  expires  {_at(me.key.expires_at)}")


def _shown_once(made: KeyWithToken, *, as_json: bool) -> None:
    """The token alone is on stdout, for a pipe into wherever secrets are kept."""
    if as_json:
        print_json(made)
        return
    click.echo(f"{made.id}  {printable(made.name)}; its token is shown this once:", err=True)
    click.echo(printable(made.token))


def _scopes(key: Key) -> str:
    return ", ".join(map(printable, key.scopes))


def _at(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}Z"
