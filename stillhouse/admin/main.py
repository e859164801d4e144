"""The `stillhouse-admin` command. It reads the same settings as the processes of the service."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click
from pydantic import ValidationError

from stillhouse.domain.durations import read_duration
from stillhouse.domain.errors import StillhouseError
from stillhouse.domain.keys import USER_SCOPES, Scope
from stillhouse.domain.realm import Realm, check_project
from stillhouse.runtime.settings import Settings
from stillhouse.store import (
    DatabaseError,
    DirectoryBlobs,
    ReadOnly,
    UnitOfWork,
    create_engine,
    is_current,
    session_factory,
    upgrade,
)

FAILED, USAGE, INTERRUPTED = 1, 64, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def admin() -> None:
    """Look after a service. STILLHOUSE_DATABASE_URL or STILLHOUSE_DATA_DIR says which."""


@admin.command()
def migrate() -> None:
    """Bring the database to the schema of this release; safe to repeat."""
    settings = Settings()
    if not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    click.echo("the database has the schema of this release")


@admin.command("create-key")
@click.option("--tenant", default="default", show_default=True, help="Whose key; made if missing.")
@click.option("--name", default="", help="What it is for, for those who list the keys.")
@click.option("--project", help="The only project that it sees; default: all of the tenant.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="What it may do; again for more. Default: everything but admin, which makes keys.",
)
@click.option("--expires", metavar="30d", help="For how long it is good; default: for ever.")
def create_key(
    *, tenant: str, name: str, project: str | None, scopes: tuple[str, ...], expires: str | None
) -> None:
    """Print a new API key, once: only its hash is stored."""
    realm = Realm(tenant, None if project is None else check_project(project))
    until = None if expires is None else datetime.now(UTC) + read_duration(expires)
    engine = create_engine(Settings().database)
    try:
        if not is_current(engine):
            raise click.ClickException("the database is not up to date: stillhouse-admin migrate")
        with UnitOfWork(session_factory(engine)) as uow:
            uow.tenants.ensure(tenant)
            granted = map(Scope, scopes) if scopes else USER_SCOPES
            key, token = uow.keys.create(realm, name, granted, until)
    finally:
        engine.dispose()
    place = f"tenant {tenant}" + (f", project {project}" if project else "")
    click.echo(f"{key.id} of {place}; it is shown this once:", err=True)
    click.echo(token)


@admin.command()
def quarantine() -> None:
    """List the damaged blobs that were put aside, and what is not served without them."""
    settings = Settings()
    blobs = DirectoryBlobs(settings.blobs)
    engine = create_engine(settings.database)
    try:
        with ReadOnly(session_factory(engine)) as uow:
            for one in blobs.quarantined():
                state = "lost" if blobs.size(one.sha256) is None else "restored"
                click.echo(f"{state:<8}  {one.since:%Y-%m-%d %H:%M}Z  {one.size_bytes} bytes")
                click.echo(f"  {one.path}")
                click.echo(f"  needed by {', '.join(uow.blobs.needed_by(one.sha256)) or 'nobody'}")
    finally:
        engine.dispose()


def answer(arguments: Sequence[str]) -> int:
    """Run one command line and say how it ended."""
    try:
        admin.main(args=list(arguments), prog_name="stillhouse-admin", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        error.show()
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            name = "_".join(["STILLHOUSE", *map(str, problem["loc"])]).upper()
            click.echo(f"{name}: {problem['msg']}", err=True)
        return FAILED
    except (StillhouseError, DatabaseError, OSError, ValueError) as error:
        click.echo(_said(error), err=True)
        return FAILED
    return 0


def _said(error: Exception) -> str:
    """A driver's error ends in the statement and an address of its manual: for others to read."""
    if isinstance(error, DatabaseError):
        cause = str(getattr(error, "orig", None) or error).strip()
        return f"the database cannot be used: {cause}\n  check STILLHOUSE_DATABASE_URL"
    return str(error)


def run() -> None:
    sys.exit(answer(sys.argv[1:]))
