"""The verbs of the command line against a real server: what people type, and what is then so."""

import json

import pytest

from stillhouse.cli.main import answer
from tests.support.api_server import Server
from tests.support.service import document


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


@pytest.fixture
def still(server, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("STILLHOUSE_URL", server.url)
    monkeypatch.setenv("STILLHOUSE_API_KEY", server.key)
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    def run(*arguments, code=0):
        assert answer([*arguments, "--json"]) == code
        printed = capsys.readouterr()
        return json.loads(printed.out or printed.err)

    return run


@pytest.fixture
def submit(still, tmp_path):
    def submitted(*options, **changes):
        spec = tmp_path / "job.json"
        spec.write_text(json.dumps(document(**changes)))
        return still("submit", str(spec), *options)

    return submitted


def test_a_job_is_paused_resumed_cancelled_and_retried(still, submit):
    job = submit()["id"]
    states = [still(verb, job)["state"] for verb in ("pause", "resume", "cancel")]
    retried = still("retry", job)

    assert states == ["paused", "queued", "cancelled"]
    assert (retried["parent_id"], retried["state"]) == (job, "queued")
    assert still("pause", job, code=6)["code"] == "invalid_transition"
    assert still("pause", retried["id"], "--wait", "--timeout", "9")["state"] == "paused"


def test_a_paused_job_is_resumed_for_more_epochs(still, submit):
    job = submit()["id"]
    still("pause", job)
    longer = still("resume", job, "--extra-epochs", "10")

    assert (longer["state"], longer["resolved"]["recipe"]["epochs"]) == ("queued", 70)
    assert still("resume", job, "--extra-epochs", "1", code=6)["code"] == "invalid_transition"
    assert still("resume", job)["version"] == longer["version"]


def test_a_clone_has_what_was_set(still, submit, tmp_path):
    job = submit(name="first")["id"]
    (tmp_path / "patch.yaml").write_text("labels: {team: a}\nrecipe: {epochs: 3}")
    changes = ["--patch", str(tmp_path / "patch.yaml"), "--set", "recipe.epochs=5"]
    clone = still("clone", job, *changes, "--set", "name=second")

    assert (clone["name"], clone["labels"]) == ("second", {"team": "a"})
    assert clone["resolved"]["recipe"]["epochs"] == 5
    refused = still("clone", job, "--set", "recipe.epochs=0", code=6)
    assert refused["problems"][0]["pointer"] == "/recipe/epochs"


def test_a_list_is_of_what_was_asked_for(still, submit):
    label = ["--label", "suite=lists"]
    made = [submit(name=n, labels={"suite": "lists"})["id"] for n in ("b", "a")]
    still("cancel", made[0])

    def listed(*options):
        return [job["id"] for job in still("jobs", *label, *options)]

    assert listed() == made[::-1]
    assert listed("--sort", "name") == made[::-1]
    assert listed("--sort", "created_at", "--limit", "1") == made[:1]
    assert listed("--state", "cancelled", "--state", "paused") == made[:1]
    assert listed("--until", "2020-01-01") == []
    assert listed("--since", "2020-01-01T00:00", "--name", "B", "--project", "default") == made[:1]


def test_a_job_is_edited_deleted_and_restored(still, submit):
    job = submit(labels={"old": "1"})["id"]
    edited = still("edit", job, "--name", "new", "--label", "a=b=c", "--label", "old")
    refused = still("rm", job, code=6)
    still("cancel", job)
    still("rm", job)
    gone = still("jobs", "show", job, code=6)
    trash = [found["id"] for found in still("jobs", "--trash")]
    restored = still("restore", job)

    assert (edited["name"], edited["labels"]) == ("new", {"a": "b=c"})
    assert (refused["code"], gone["code"]) == ("not_over", "not_found")
    assert job in trash
    assert (restored["name"], restored["deleted_at"]) == ("new", None)


def test_a_duplicate_is_reused_or_refused(still, submit, tmp_path):
    recipe = {"epochs": 7}
    job = submit(recipe=recipe)["id"]

    assert submit("--if-duplicate", "reuse", recipe=recipe)["id"] == job
    spec = str(tmp_path / "job.json")
    assert still("submit", spec, "--if-duplicate", "reject", code=6)["code"] == "duplicate_job"
