"""The manifest of a run: whole, written last, silent on the machine, the same after a kill."""

import json
import os
import socket

import pytest

import kd_core
from kd_core.errors import Stopped, WorkdirInvalid
from kd_core.files import sha256_of
from kd_core.manifest import Manifest
from kd_core.workdir import RunRecord
from tests.support.small_runs import OWN_TEACHER, WITH_TEACHER, save_teacher, small_spec


def manifest_of(folder):
    return Manifest.parse(json.loads((folder / "manifest.json").read_text()))


def stop_after(looks):
    asked = iter([False] * looks)
    return lambda: next(asked, True)


def test_every_file_that_is_shipped_is_listed_with_its_digest(shipped):
    folder, report = shipped
    listed = {file.path: (file.bytes, file.sha256) for file in manifest_of(folder).files}
    documents = {"README.md", "report.json", "predictions.csv"}
    files = {f"artifacts/{file.path}" for one in report.artifacts for file in one.files}

    assert documents | files <= set(listed)
    for path, (size, digest) in listed.items():
        assert (size, digest) == ((folder / path).stat().st_size, sha256_of(folder / path))


def test_it_says_what_the_run_stood_on(here):
    save_teacher(here / "teacher.safetensors")
    spec = small_spec(**WITH_TEACHER)
    report = kd_core.distill(spec, here / "out")
    manifest = manifest_of(here / "out")
    record = RunRecord.model_validate_json((here / "out/run.json").read_bytes())

    assert spec == manifest.spec.sent
    assert record.spec == manifest.spec.resolved
    assert (report.fingerprint, (0,), "cpu", 1) == (
        manifest.fingerprint,
        manifest.seeds,
        manifest.device,
        manifest.threads,
    )
    assert {name: at for name, at in record.inputs.items() if at} == manifest.inputs
    assert sha256_of(here / "teacher.safetensors") == manifest.inputs["teacher"]
    assert {"torch", "timm", "numpy", "pydantic"} <= set(manifest.environment.packages)


def test_a_teacher_that_was_trained_here_has_its_digest_too(here):
    kd_core.distill(small_spec(teacher=OWN_TEACHER, loss="kd"), here / "out")
    trained = sha256_of(here / "out/teacher/model.safetensors")

    assert trained == manifest_of(here / "out").inputs["teacher"]


def test_a_specification_in_a_file_is_told_as_it_was_written(here):
    (here / "job.json").write_text(json.dumps(small_spec()))
    kd_core.distill(here / "job.json", here / "out")

    assert small_spec() == manifest_of(here / "out").spec.sent


def test_what_somebody_wrote_may_be_told_apart_from_what_is_carried_out(here):
    kd_core.distill(small_spec(), here / "out", sent={"data": {"dataset": "ds_1@1"}})

    assert {"data": {"dataset": "ds_1@1"}} == manifest_of(here / "out").spec.sent


def test_nothing_in_it_is_of_this_machine_alone(here, monkeypatch):
    monkeypatch.setenv("A_SECRET", "do-not-tell-this")
    data = {"dataset": f"file:{here}/data.npz", "image_size": 16}
    kd_core.distill(small_spec(data=data), here / "out")
    texts = [(here / "out" / name).read_text() for name in ("manifest.json", "README.md")]

    for text in texts:
        for private in (str(here), os.getcwd(), "do-not-tell-this", socket.gethostname()):  # noqa: PTH109
            assert private not in text
    assert "file:data.npz" == manifest_of(here / "out").spec.resolved["data"]["dataset"]


def test_times_and_files_survive_a_stop(here):
    kd_core.distill(small_spec(), here / "whole")
    with pytest.raises(Stopped):
        kd_core.distill(small_spec(), here / "out", should_stop=stop_after(5))
    stopped = not (here / "out/manifest.json").exists()
    kd_core.distill(small_spec(), here / "out")
    whole, resumed = manifest_of(here / "whole"), manifest_of(here / "out")
    weights = [
        {file.path: file.sha256 for file in one.files if "artifacts" in file.path}
        for one in (whole, resumed)
    ]

    assert stopped
    assert ["stopped", "succeeded"] == [attempt.ended for attempt in resumed.attempts]
    assert sum(attempt.seconds for attempt in resumed.attempts) == pytest.approx(resumed.seconds)
    assert resumed.phases["training"] == pytest.approx(
        sum(attempt.phases["training"] for attempt in resumed.attempts)
    )
    assert weights[0] == weights[1]


def test_a_run_that_was_killed_just_before_gets_it_when_it_is_called_again(here):
    kd_core.distill(small_spec(), here / "out")
    whole = manifest_of(here / "out")
    for name in ("manifest.json", "README.md"):
        (here / "out" / name).unlink()
    kd_core.distill(small_spec(), here / "out")
    again = manifest_of(here / "out")

    assert whole == again.model_copy(update={"made_at": whole.made_at})


def test_other_gates_make_another_manifest(here):
    gate = {"metric": "top1", "op": ">=", "value": 1.0}
    kd_core.distill(small_spec(), here / "out")
    kd_core.distill(small_spec(gates=[gate]), here / "out")
    manifest = manifest_of(here / "out")
    listed = {file.path: file.sha256 for file in manifest.files}

    assert "failed" == manifest.verdict
    assert [gate] == manifest.spec.sent["gates"]
    assert sha256_of(here / "out/report.json") == listed["report.json"]
    assert "Verdict: **failed**" in (here / "out/README.md").read_text()


def test_what_is_whole_is_not_written_again(here):
    kd_core.distill(small_spec(), here / "out")
    before = (here / "out/manifest.json").stat().st_mtime_ns
    kd_core.distill(small_spec(), here / "out")

    assert before == (here / "out/manifest.json").stat().st_mtime_ns


def test_somebody_elses_readme_is_left_alone(here):
    (here / "out").mkdir()
    (here / "out/README.md").write_text("mine")

    with pytest.raises(WorkdirInvalid, match=r"README\.md"):
        kd_core.distill(small_spec(), here / "out")
    assert "mine" == (here / "out/README.md").read_text()
