"""What an operator types: on a database that is there, or with a sentence that says why not."""

from datetime import timedelta

import pytest

from stillhouse.admin.main import answer
from stillhouse.domain.errors import BlobCorrupted
from stillhouse.store import DirectoryBlobs, ReadOnly, create_engine, session_factory
from tests.support.service import World


@pytest.fixture(autouse=True)
def database(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    monkeypatch.setenv("STILLHOUSE_DATABASE_URL", url)
    return url


def test_a_key_is_printed_once_and_alone(database, capsys):
    codes = [answer(["migrate"]), answer(["create-key", "--tenant", "shop", "--name", "ci"])]
    printed = capsys.readouterr()
    token = printed.out.splitlines()[-1]
    engine = create_engine(database)
    with ReadOnly(session_factory(engine)) as uow:
        principal = uow.keys.authenticate(token)
        names = [key.name for key in uow.keys.page("shop").items]
    engine.dispose()

    assert codes == [0, 0]
    assert (principal.realm.tenant_id, names) == ("shop", ["ci"])
    assert token not in printed.err


def test_a_key_has_the_scopes_the_project_and_the_end_that_were_asked_for(database, capsys):
    asked = ["--scope", "admin", "--scope", "jobs:read", "--project", "vision", "--expires", "30d"]
    codes = [answer(["migrate"]), answer(["create-key", *asked])]
    token = capsys.readouterr().out.splitlines()[-1]
    engine = create_engine(database)
    with ReadOnly(session_factory(engine)) as uow:
        principal = uow.keys.authenticate(token)
        (key,) = uow.keys.page("default").items
    engine.dispose()

    assert codes == [0, 0]
    assert (principal.realm.project, key.scopes) == ("vision", ["admin", "jobs:read"])
    assert timedelta(days=29) < key.expires_at - key.created_at <= timedelta(days=30)


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        (["--scope", "root"], 64, "'root' is not one of"),
        (["--project", "No Such"], 1, "'No Such' is not the name of a project"),
        (["--expires", "soon"], 1, "'soon' is not a length of time"),
        (["--expires", "0d"], 1, "cannot expire before it is made"),
    ],
)
def test_a_key_that_cannot_be_is_a_sentence(capsys, wrong, code, said):
    answer(["migrate"])

    assert answer(["create-key", *wrong]) == code
    assert said in capsys.readouterr().err


def test_migrating_twice_is_migrating_once(capsys):
    assert [answer(["migrate"]), answer(["migrate"])] == [0, 0]
    assert capsys.readouterr().err == ""


def test_a_key_needs_a_database_that_is_up_to_date(capsys):
    assert answer(["create-key"]) == 1
    assert "stillhouse-admin migrate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "mysql://x/y", "'mysql' is not supported"),
        ("DATABASE_URL", "nonsense", "the database cannot be used"),
        ("DATABASE_URL", "sqlite:////nowhere/at/all.db", "unable to open database file"),
        ("DATABASE_URL", "postgresql://127.0.0.1:1/x", "the database cannot be used"),
        ("LEASE_TTL_S", "soon", "STILLHOUSE_LEASE_TTL_S: "),
    ],
)
def test_wrong_settings_are_a_sentence(monkeypatch, capsys, name, value, said):
    monkeypatch.setenv(f"STILLHOUSE_{name}", value)
    code = answer(["migrate"])
    printed = capsys.readouterr().err

    assert code == 1
    assert said in printed
    assert "Traceback" not in printed


def test_damaged_blobs_are_listed_with_what_needs_them(database, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("STILLHOUSE_BLOB_DIR", str(tmp_path / "blobs"))
    answer(["migrate"])
    engine, blobs = create_engine(database), DirectoryBlobs(tmp_path / "blobs")
    world = World(session_factory(engine))
    stored = blobs.put([b"weights"], max_bytes=100)
    upload = world.uploaded(content=b"weights")
    blobs.path(stored.sha256).write_bytes(b"rotten!")
    with pytest.raises(BlobCorrupted):
        blobs.check(stored.sha256, stored.size_bytes)
    engine.dispose()
    capsys.readouterr()
    lost = answer(["quarantine"]), capsys.readouterr().out
    blobs.put([b"weights"], max_bytes=100)
    restored = answer(["quarantine"]), capsys.readouterr().out

    assert lost[0] == restored[0] == 0
    assert lost[1].startswith("lost ")
    assert f"needed by {upload.id}" in lost[1]
    assert str(tmp_path / "blobs/quarantine" / stored.sha256) in lost[1]
    assert restored[1].startswith("restored ")


def test_a_wrong_command_line_is_a_usage_error(capsys):
    assert answer(["create-keys"]) == 64
    assert "Usage" in capsys.readouterr().err


def test_a_data_folder_is_made_for_the_embedded_database(monkeypatch, tmp_path):
    monkeypatch.delenv("STILLHOUSE_DATABASE_URL")
    monkeypatch.setenv("STILLHOUSE_DATA_DIR", str(tmp_path / "data"))

    assert answer(["migrate"]) == 0
    assert (tmp_path / "data/stillhouse.db").exists()
