"""A folder against its manifest: what changed is found, and a hostile one leads nowhere."""

import json
import os
import shutil

import pytest

from kd_core.errors import BundleInvalid
from kd_core.files import sha256_of
from kd_core.verification import verified


@pytest.fixture(scope="module")
def made(shipped, tmp_path_factory):
    """What is shipped, without what only the run needs."""
    folder = tmp_path_factory.mktemp("made") / "bundle"
    folder.mkdir()
    for file in shipped[0].iterdir():
        if file.suffix in {".md", ".json", ".csv", ".html"} and file.name not in {
            "run.json",
            "attempts.json",
        }:
            shutil.copy(file, folder)
    shutil.copytree(shipped[0] / "artifacts", folder / "artifacts")
    return folder


@pytest.fixture
def bundle(made, tmp_path):
    return shutil.copytree(made, tmp_path / "bundle")


def states(found):
    return {one.file.path: one.state for one in found.files if one.state != "ok"}


def rewritten(bundle, **changes):
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest | changes))


def test_what_a_run_ships_is_what_its_manifest_says(bundle):
    found = verified(bundle)

    assert found.holds
    assert ({}, ()) == (states(found), found.unlisted)
    assert sha256_of(bundle / "manifest.json") == found.sha256


@pytest.mark.parametrize("size", ["longer", "as long"])
def test_a_changed_file_is_found(bundle, size):
    graph = bundle / "artifacts/onnx/student.onnx"
    data = bytearray(graph.read_bytes())
    data[len(data) // 2] ^= 1
    graph.write_bytes(data + (b"x" if size == "longer" else b""))
    found = verified(bundle)

    assert not found.holds
    assert {"artifacts/onnx/student.onnx": "changed"} == states(found)


def test_a_missing_file_and_a_missing_folder_are_found(bundle):
    (bundle / "README.md").unlink()
    shutil.rmtree(bundle / "artifacts/torch_export")

    assert {
        "README.md": "missing",
        "artifacts/torch_export/student.pt2": "missing",
    } == states(verified(bundle))


def test_what_nobody_vouches_for_is_named_and_no_failure(bundle):
    (bundle / "notes.txt").write_text("")
    (bundle / "artifacts/safetensors/pytorch_model.bin").write_text("")
    (bundle / "more/deep").mkdir(parents=True)
    (bundle / "more/deep/file").write_text("")
    found = verified(bundle)

    assert found.holds
    assert ("artifacts/safetensors/pytorch_model.bin", "more/", "notes.txt") == found.unlisted


@pytest.mark.parametrize("part", ["artifacts", "artifacts/onnx", "report.json"])
def test_a_link_is_not_followed_though_it_leads_to_the_same(bundle, part):
    (bundle / part).rename(bundle.parent / "elsewhere")
    (bundle / part).symlink_to(bundle.parent / "elsewhere")
    found = verified(bundle)

    assert not found.holds
    assert {"not_a_file"} == set(states(found).values())
    assert part in found.unlisted or part == "report.json"


def test_a_folder_and_a_pipe_are_no_files(bundle):
    (bundle / "README.md").unlink()
    (bundle / "README.md").mkdir()
    (bundle / "predictions.csv").unlink()
    os.mkfifo(bundle / "predictions.csv")

    assert {"README.md": "not_a_file", "predictions.csv": "not_a_file"} == states(verified(bundle))


def test_a_huge_file_is_not_read_where_its_size_is_another(bundle):
    with (bundle / "report.json").open("wb") as file:
        file.truncate(2**40)

    assert {"report.json": "changed"} == states(verified(bundle))


def refusal(folder):
    with pytest.raises(BundleInvalid) as caught:
        verified(folder)
    problem = caught.value.problems[0]
    assert ("manifest_unreadable", str(folder / "manifest.json")) == (problem.code, problem.file)
    assert problem.hint
    return problem.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no manifest of a run"),
        (b"{}", "no manifest of a run"),
        (b'{"schema": 2}', "schema 2, and this version reads 1"),
        (b'{"schema": "\\u001b[2J"}', "schema"),
        (b'{"schema": 1}', "name: Field required"),
        (b" " * (2**25 + 1), "larger than"),
    ],
)
def test_a_manifest_that_cannot_be_read_says_why(tmp_path, content, words):
    (tmp_path / "manifest.json").write_bytes(content)

    assert words in refusal(tmp_path)


def test_without_a_manifest_there_is_nothing_to_go_by(tmp_path):
    assert "no manifest" in refusal(tmp_path)
    assert "no manifest" in refusal(tmp_path / "not there")


def test_a_manifest_that_is_a_link_is_not_followed(bundle):
    (bundle / "manifest.json").rename(bundle.parent / "manifest.json")
    (bundle / "manifest.json").symlink_to(bundle.parent / "manifest.json")

    assert "cannot be read" in refusal(bundle)


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "artifacts/../../secret"])
def test_a_path_that_leads_out_of_the_folder_is_refused(bundle, path):
    (bundle.parent / "secret").write_text("")
    rewritten(bundle, files=[{"path": path, "bytes": 0, "sha256": "0" * 64}])

    assert "files/0/path" in refusal(bundle)
