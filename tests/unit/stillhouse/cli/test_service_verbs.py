"""The verbs that need a service, where there is none, or where the command line is wrong."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from stillhouse.cli.demo import document
from stillhouse.cli.main import answer
from stillhouse.local.ports import free_port


@pytest.fixture(autouse=True)
def nobody_logged_in(monkeypatch, tmp_path):
    monkeypatch.delenv("STILLHOUSE_URL", raising=False)
    monkeypatch.delenv("STILLHOUSE_API_KEY", raising=False)
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))


@pytest.fixture
def nobody_there(monkeypatch):
    monkeypatch.setenv("STILLHOUSE_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("STILLHOUSE_API_KEY", "sh_live_x")


VERBS = [
    ["jobs"],
    ["jobs", "--state", "failed", "--state", "queued", "--label", "a=b", "--since", "2026-01-31"],
    ["jobs", "show", "job_1"],
    ["verdict", "job_1"],
    ["report", "job_1"],
    ["watch", "job_1"],
    ["logs", "job_1"],
    ["cancel", "job_1"],
    ["pause", "job_1"],
    ["resume", "job_1"],
    ["resume", "job_1", "--extra-epochs", "10"],
    ["edit", "job_1", "--label", "a=b", "--priority", "high"],
    ["curves", "job_1"],
    ["curves", "job_1", "train/loss", "--since", "3"],
    ["rm", "job_1", "job_2"],
    ["restore", "job_1"],
    ["jobs", "--trash"],
    ["retry", "job_1"],
    ["clone", "job_1", "--set", "recipe.epochs=3"],
    ["artifacts", "list", "job_1"],
    ["artifacts", "link", "job_1", "report.json"],
    ["artifacts", "pull", "job_1"],
    ["artifacts", "pull", "job_1", "report.json", "--to", "x"],
    ["artifacts", "pull", "job_1", "--bundle", "x.tar"],
    ["uploads"],
    ["uploads", "--state", "open"],
    ["uploads", "rm", "upl_1", "upl_2"],
    ["models", "list"],
    ["models", "rm", "mdl_1"],
    ["data", "list"],
    ["data", "rm", "ds_1"],
    ["keys", "list"],
    ["keys", "create", "ci", "--scope", "jobs:read", "--expires", "30d"],
    ["keys", "rotate", "key_1", "--overlap", "0s"],
    ["keys", "revoke", "key_1"],
    ["whoami"],
]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_nobody_logged_in_is_a_usage_error(verb, capsys):
    assert answer(verb) == 64
    assert "still login" in capsys.readouterr().err


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
@pytest.mark.usefixtures("nobody_there")
def test_a_service_that_is_not_there_is_a_sentence(verb, capsys):
    assert answer(verb) == 1
    printed = capsys.readouterr()
    assert "cannot be reached" in printed.err
    assert printed.out == ""


@pytest.mark.usefixtures("nobody_there")
def test_errors_are_json_for_programs(capsys):
    answer(["jobs", "--json"])

    assert json.loads(capsys.readouterr().err)["code"] == "server_unreachable"


@pytest.mark.usefixtures("nobody_there")
def test_nothing_is_kept_of_a_login_that_did_not_work(monkeypatch, tmp_path, capsys):
    url = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setattr("sys.stdin", io.StringIO("sh_live_x\n"))

    assert answer(["login", "--url", url]) == 1
    assert "cannot be reached" in capsys.readouterr().err
    assert not (tmp_path / "CONFIG").exists()


@pytest.mark.usefixtures("nobody_there")
@pytest.mark.parametrize(
    "verb", [["upload", "gone", "--kind", "model"], ["data", "add", "gone"]], ids=" ".join
)
def test_a_file_that_is_not_there_is_refused_before_anything_is_sent(verb, capsys):
    assert answer(verb) == 6
    assert "gone: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    "verb",
    [
        ["submit", "x.yaml", "--timeout", "1"],
        ["cancel", "job_1", "--timeout", "1"],
        ["pause", "job_1", "--timeout", "1"],
        ["resume", "job_1", "--extra-epochs", "0"],
        ["edit", "job_1"],
        ["rm"],
        ["verdict", "job_1", "--timeout", "1"],
        ["jobs", "--limit", "3", "show", "job_1"],
        ["jobs", "show"],
        ["artifacts", "pull", "job_1", "report.json", "--bundle", "x.tar"],
        ["artifacts", "pull", "job_1", "--to", "x", "--bundle", "x.tar"],
        ["data", "add", "x", "--to", "ds_1", "--name", "y"],
        ["data", "add", "x", "--to", "ds_1", "--project", "y"],
        ["uploads", "--state", "open", "rm", "upl_1"],
        ["uploads", "--state", "closed"],
        ["uploads", "rm"],
        ["demo", "--url", "http://x", "--keep"],
        ["up", "--port", "0"],
        ["up", "--workers", "0"],
        ["jobs", "--state", "done"],
        ["jobs", "--sort", "age"],
        ["jobs", "--since", "yesterday"],
        ["upload", "x"],
        ["models", "add", "x"],
        ["models", "add", "x.onnx", "--architecture", "resnet18"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_a_usage_error(verb, capsys):
    assert answer(verb) == 64
    assert "Usage: still" in capsys.readouterr().err


def test_the_demo_is_the_example():
    example = Path(__file__).parents[4] / "examples/digits.yaml"

    assert document() == yaml.safe_load(example.read_text())


def test_the_base_package_is_enough_to_talk_to_a_service():
    """What the extras bring is imported by the verbs that need it, when they run."""
    extras = "{'sqlalchemy', 'fastapi', 'celery', 'alembic', 'pydantic_settings', 'torch'}"
    every_verb = "from stillhouse.cli.verbs import VERBS, command; [*map(command, VERBS)]"
    code = f"import sys; {every_verb}; print(sorted({extras} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"
