"""`still verify`: a table, one word, and an exit code of its own."""

import json
import shutil

import pytest

import kd_core
from kd_core.files import sha256_of
from stillhouse.cli.main import answer
from tests.support.small_runs import SIDE, small_data, small_spec


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    data = f"file:{small_data(folder / 'data.npz')}"
    kd_core.distill(small_spec(data={"dataset": data, "image_size": SIDE}), folder / "out")
    return folder / "out"


@pytest.fixture
def out(made, here):
    return shutil.copytree(made, here / "out")


def test_a_run_is_verified(out, capsys):
    code = answer(["verify", str(out)])
    lines = capsys.readouterr().out.splitlines()

    assert 0 == code
    assert "verified" == lines[-1]
    assert any(line.startswith("artifacts/safetensors/model.safetensors") for line in lines)
    assert any(line.startswith("unlisted  .lock, attempts.json, checkpoints/") for line in lines)


def test_a_tampered_file_has_an_exit_code_of_its_own(out, capsys):
    (out / "artifacts/safetensors/config.json").write_text("{}")
    code = answer(["verify", str(out), "--json"])
    document = json.loads(capsys.readouterr().out)

    assert (7, "failed") == (code, document["verdict"])
    assert ["artifacts/safetensors/config.json"] == [
        file["path"] for file in document["files"] if file["state"] != "ok"
    ]


def test_a_folder_without_a_manifest_is_refused(tmp_path, capsys):
    code = answer(["verify", str(tmp_path)])

    assert 6 == code
    assert "there is no manifest" in capsys.readouterr().err


def test_names_of_strangers_are_no_commands_to_a_terminal(out, capsys):
    (out / "\x1b[2Jx").write_text("")
    answer(["verify", str(out)])

    assert "\x1b" not in capsys.readouterr().out


def test_its_accuracy_is_measured_where_data_is_given(out, here, capsys):
    code = answer(["verify", str(out), "--data", str(here / "data.npz"), "--json"])
    measured = json.loads(capsys.readouterr().out)["measured"]
    report = json.loads((out / "report.json").read_text())
    told = {"name": "safetensors", "state": "agrees", "top1": report["student"]["top1"]}

    assert 0 == code
    assert (True, 4) == (measured["same_data"], measured["samples"])
    assert [told | {"reported": told["top1"]}] == measured["files"]


def test_what_was_tampered_with_is_not_run(out, here, capsys):
    (out / "artifacts/safetensors/config.json").write_text("{}")
    code = answer(["verify", str(out), "--data", str(here / "data.npz"), "--json"])

    assert 7 == code
    assert "measured" not in json.loads(capsys.readouterr().out)


def test_a_worse_student_than_the_report_says_is_found(out, here, capsys):
    report = json.loads((out / "report.json").read_text())
    for one in report["artifacts"]:
        one["top1"] = 2.0
    text = json.dumps(report)
    (out / "report.json").write_text(text)
    manifest = json.loads((out / "manifest.json").read_text())
    forged(manifest["files"], out / "report.json")
    (out / "manifest.json").write_text(json.dumps(manifest))
    code = answer(["verify", str(out), "--data", str(here / "data.npz")])
    printed = capsys.readouterr().out

    assert 7 == code
    assert "differs" in printed
    assert "failed" == printed.splitlines()[-1]


def forged(files, path):
    """A manifest that vouches for what was written into a file afterwards."""
    (listed,) = (file for file in files if file["path"] == path.name)
    listed |= {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
