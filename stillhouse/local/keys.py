"""The key of a service on this machine: minted once, kept in its folder."""

from __future__ import annotations

from pathlib import Path

from stillhouse.client.login import write_secret
from stillhouse.domain.errors import Unauthenticated
from stillhouse.domain.keys import Scope
from stillhouse.domain.sign_in import PRINTED_LIFETIME
from stillhouse.store import ReadOnly, Sessions, UnitOfWork

TENANT = "default"


def local_key(sessions: Sessions, path: Path) -> str:
    """The key in the file, or a new one when the database does not know it for an admin's."""
    kept = _kept(path)
    if kept is not None and _works(sessions, kept):
        return kept
    with UnitOfWork(sessions) as uow:
        uow.tenants.ensure(TENANT)
        _, token = uow.keys.create(TENANT, "still up", Scope)
    write_secret(path, f"{token}\n")
    return token


def sign_in_code(sessions: Sessions, token: str) -> str:
    """For whoever reads what `still up` prints: good for longer than one that is asked for."""
    with UnitOfWork(sessions) as uow:
        who = uow.keys.authenticate(token)
        code, _ = uow.sign_ins.new_code(who.realm, who.key_id, PRINTED_LIFETIME)
    return code


def _kept(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def _works(sessions: Sessions, token: str) -> bool:
    """For everything: whoever has the folder has the whole service in hand."""
    try:
        with ReadOnly(sessions) as uow:
            return uow.keys.authenticate(token).may(Scope.ADMIN)
    except Unauthenticated:
        return False
