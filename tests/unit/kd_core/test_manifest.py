"""The manifest as a model: what it lets in, and what is refused before a path is looked at."""

import json

import pytest
from pydantic import ValidationError

from kd_core.manifest import ListedFile, Manifest

DIGEST = "0" * 64


def document(**changes):
    return {
        "schema": 1,
        "name": "small",
        "fingerprint": DIGEST,
        "made_at": "2027-01-01T00:00:00Z",
        "spec": {"sent": {}, "resolved": {}},
        "inputs": {"data": DIGEST},
        "seeds": [0],
        "device": "cpu",
        "threads": 1,
        "verdict": "passed",
        "files": [listed("README.md")],
    } | changes


def listed(path, size=1):
    return {"path": path, "bytes": size, "sha256": DIGEST}


def test_it_is_read_as_it_was_written():
    manifest = Manifest.parse(document())

    assert manifest == Manifest.parse(json.loads(manifest.as_text()))
    assert "energy_j" not in manifest.as_json()


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../report.json",
        "artifacts/../../report.json",
        "/etc/passwd",
        "artifacts//x",
        "artifacts/",
        "C:/x",
        "artifacts\\x",
        "x\n",
        "x\0",
        ".hidden",
        "a" * 400,
    ],
)
def test_a_path_that_could_lead_out_of_the_folder_is_no_path(path):
    with pytest.raises(ValidationError):
        Manifest.parse(document(files=[listed(path)]))


@pytest.mark.parametrize(
    "files",
    [
        [listed("x", size=-1)],
        [listed("x", size=2**60)],
        [listed("x"), listed("x")],
        [listed("x") | {"sha256": "short"}],
        [listed(f"x{number}") for number in range(10_001)],
    ],
)
def test_what_no_run_would_list_is_refused(files):
    with pytest.raises(ValidationError):
        Manifest.parse(document(files=files))


def test_a_reader_leaves_alone_what_it_does_not_know():
    manifest = Manifest.parse(document(weather="fine", files=[listed("x") | {"mood": "good"}]))

    assert (ListedFile(path="x", bytes=1, sha256=DIGEST),) == manifest.files
