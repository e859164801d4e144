"""`still keys` against a real server: what is printed is the key, and the key works."""

import json

import pytest

from stillhouse.cli.main import answer
from stillhouse.domain.keys import Scope
from stillhouse.store import create_engine, session_factory
from tests.support.api import new_key
from tests.support.api_server import Server
from tests.support.service import TENANT


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with Server(folder, template, key) as running:
        engine = create_engine(f"sqlite:///{running.database}")
        running.key = new_key(session_factory(engine), TENANT, Scope)
        engine.dispose()
        yield running


@pytest.fixture
def still(server, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("STILLHOUSE_URL", server.url)
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    def run(*arguments, key=server.key, code=0):
        monkeypatch.setenv("STILLHOUSE_API_KEY", key)
        assert answer([*arguments]) == code
        return capsys.readouterr()

    return run


def test_a_key_is_made_used_rotated_and_revoked(still):
    scopes = ["--scope", "jobs:read", "--scope", "jobs:write"]
    made = still("keys", "create", "nightly", *scopes, "--project", "vision", "--expires", "30d")
    token = made.out.strip()
    me = json.loads(still("whoami", "--json", key=token).out)["key"]
    listed = still("keys", "list").out
    rotated = still("keys", "rotate", me["id"], "--overlap", "0s")

    assert made.out == f"{token}\n"
    assert me["id"] in made.err
    assert (me["project"], me["scopes"]) == ("vision", ["jobs:read", "jobs:write"])
    assert me["id"] in listed
    assert token not in listed + rotated.err
    assert "the token before ended" in rotated.err
    assert "not known here" in still("whoami", key=token, code=6).err
    still("keys", "revoke", me["id"])
    assert "not known here" in still("jobs", key=rotated.out.strip(), code=6).err


def test_who_one_is_is_told_to_people_too(still):
    told = still("whoami").out

    assert "tenant   default\n  project  all\n" in told
    assert "scopes   admin, artifacts:read" in told
    assert "expires  never" in told


def test_a_key_with_any_scope_can_log_in(still, server):
    made = json.loads(still("keys", "create", "pull", "--scope", "artifacts:read", "--json").out)

    still("login", "--url", server.url, "--key", made["token"])


def test_a_key_of_a_user_makes_none_and_is_told_why(still):
    user = still("keys", "create", "user").out.strip()
    refused = still("keys", "create", "more", key=user, code=6)

    assert "this API key lacks the scope admin" in refused.err
    assert (
        "is not a length of time such as"
        in still("keys", "create", "x", "--expires", "soon", code=64).err
    )
