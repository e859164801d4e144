"""What the processes are told: the user's wishes, but not where things lie."""

import stat
from pathlib import Path

import pytest

from stillhouse.local.folder import prepared
from stillhouse.local.programs import Plan, broker, services
from stillhouse.runtime.settings import Settings


@pytest.fixture
def plan(tmp_path):
    return Plan(prepared(tmp_path / "data"), "127.0.0.1", 8080, 2, 6379, "secret")


def settings(monkeypatch, environ):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_everything_lies_in_the_folder(plan, monkeypatch):
    elsewhere = {
        "STILLHOUSE_DATABASE_URL": "postgresql://elsewhere",
        "STILLHOUSE_BLOB_DIR": "/elsewhere",
        "STILLHOUSE_BROKER_URL": "redis://elsewhere",
    }
    found = settings(monkeypatch, plan.environ(elsewhere))
    root = plan.folder.root

    assert found.database == f"sqlite:///{root}/stillhouse.db"
    assert (found.blobs, found.work) == (root / "blobs", root / "work")
    assert found.broker_url == "redis://:secret@127.0.0.1:6379/0"


def test_torch_checkpoints_are_accepted_unless_the_user_says_no(plan, monkeypatch):
    assert settings(monkeypatch, plan.environ({})).allow_torch_checkpoints

    given = {"STILLHOUSE_ALLOW_TORCH_CHECKPOINTS": "no", "STILLHOUSE_DATA_ROOTS": "/a:/b"}
    found = settings(monkeypatch, plan.environ(given))

    assert not found.allow_torch_checkpoints
    assert found.data_roots == (Path("/a"), Path("/b"))


def test_the_brokers_password_is_in_a_file_that_nobody_else_reads(plan):
    program = broker(plan, {})
    written = Path(program.command[1])

    assert "secret" not in " ".join(program.command)
    assert "requirepass secret\n" in written.read_text()
    assert "bind 127.0.0.1\n" in written.read_text()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_each_worker_has_its_name(plan):
    programs = {program.name: program for program in services(plan, {})}

    assert list(programs) == ["api", "reconciler", "worker-1", "worker-2"]
    assert programs["worker-2"].environ["STILLHOUSE_WORKER_NAME"] == "worker-2"
