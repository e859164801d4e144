"""The key of a local service is minted once, and again only when it has stopped working."""

import stat

import pytest

from stillhouse.domain.keys import USER_SCOPES, Scope
from stillhouse.local.keys import local_key
from stillhouse.store import ReadOnly, UnitOfWork, create_engine, session_factory, upgrade


@pytest.fixture
def sessions(tmp_path):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    upgrade(url)
    engine = create_engine(url)
    yield session_factory(engine)
    engine.dispose()


def principal(sessions, key):
    with ReadOnly(sessions) as uow:
        return uow.keys.authenticate(key)


def test_it_is_minted_for_the_default_tenant_and_kept_to_its_owner(sessions, tmp_path):
    key = local_key(sessions, tmp_path / "api-key")

    assert principal(sessions, key).realm.tenant_id == "default"
    assert (tmp_path / "api-key").read_text() == f"{key}\n"
    assert stat.S_IMODE((tmp_path / "api-key").stat().st_mode) == 0o600


def test_it_may_make_further_keys_and_one_that_may_not_is_replaced(sessions, tmp_path):
    local_key(sessions, tmp_path / "api-key")
    with UnitOfWork(sessions) as uow:
        _, users = uow.keys.create("default", "older", USER_SCOPES)
    (tmp_path / "api-key").write_text(users)
    key = local_key(sessions, tmp_path / "api-key")

    assert principal(sessions, key).may(Scope.ADMIN)
    assert principal(sessions, users).realm.tenant_id == "default"


def test_the_next_start_uses_the_same_one(sessions, tmp_path):
    keys = {local_key(sessions, tmp_path / "api-key") for _ in range(2)}

    assert len(keys) == 1


@pytest.mark.parametrize("content", [b"", b"sh_live_x", b"\xff"])
def test_a_file_that_is_no_key_is_replaced(sessions, tmp_path, content):
    (tmp_path / "api-key").write_bytes(content)
    key = local_key(sessions, tmp_path / "api-key")

    assert principal(sessions, key).realm.tenant_id == "default"


def test_a_key_that_was_revoked_is_replaced(sessions, tmp_path):
    first = local_key(sessions, tmp_path / "api-key")
    with UnitOfWork(sessions) as uow:
        uow.keys.revoke("default", principal(sessions, first).key_id)

    assert local_key(sessions, tmp_path / "api-key") != first
