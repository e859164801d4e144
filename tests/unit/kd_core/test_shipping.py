"""What leaves a run besides weights: proven files, or the reason why there are none."""

import json
import sys
from pathlib import Path

import pytest
import safetensors.torch

import kd_core
from kd_core.errors import DiskFull, ExportFailed, ModelInvalid, Stopped
from kd_core.events import ArtifactFailed, ArtifactReady, Event, PhaseChanged, Warned
from kd_core.exports.clean_process import PROGRAM
from kd_core.files import sha256_of
from tests.support.small_runs import small_data, small_spec

ONNX = {"format": "onnx"}
INT8 = {"format": "onnx_int8"}


@pytest.fixture
def no_exporter(monkeypatch):
    """A machine without the package that torch's exporter needs."""
    for name in [name for name in sys.modules if name.split(".")[0] == "onnxscript"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "onnxscript", None)


def by_name(report, name):
    return next(one for one in report.artifacts if one.name == name)


def payloads(folder, kind):
    lines = (folder / "events.jsonl").read_text().splitlines()
    return [event.data for event in map(Event.parse, lines) if isinstance(event.data, kind)]


def test_every_format_is_there_weights_first_then_as_in_the_document(shipped):
    _, report = shipped

    assert [
        ("safetensors", "safetensors", "ready"),
        ("onnx", "onnx", "ready"),
        ("onnx_uint8", "onnx", "ready"),
        ("onnx_int8", "onnx_int8", "ready"),
        ("torch_export", "torch_export", "ready"),
    ] == [(one.name, one.format, one.status) for one in report.artifacts]


def test_the_report_knows_every_file_by_its_digest(shipped):
    folder, report = shipped
    listed = {file.path: file.sha256 for one in report.artifacts for file in one.files}
    there = [path for path in (folder / "artifacts").rglob("*") if path.is_file()]

    assert listed == {
        path.relative_to(folder / "artifacts").as_posix(): sha256_of(path) for path in there
    }
    assert all(one.sha256 == one.files[0].sha256 for one in report.artifacts)


def test_a_rehearsal_changes_no_bit_of_the_student(shipped, here):
    folder, _ = shipped
    kd_core.distill(small_spec(), here / "plain")
    weights = "artifacts/safetensors/model.safetensors"

    assert sha256_of(folder / weights) == sha256_of(here / "plain" / weights)


def test_each_file_is_measured_on_the_samples_of_the_student(shipped):
    _, report = shipped
    for one in report.artifacts[1:]:
        assert one.macs == report.student.macs
        assert one.measured.samples == report.student.measured.samples
        assert one.measured.threads == 1
        assert one.size_mb == one.files[0].bytes / 10**6
        assert 0 < one.latency_ms_p50 <= one.latency_ms_p95
        assert one.images_per_s > 0
        assert one.size_mb < one.peak_mb < 4000

    runtimes = [one.measured.runtime.split()[0] for one in report.artifacts[1:]]
    assert ["onnxruntime"] * 3 + ["torch"] == runtimes


def test_a_file_in_float32_is_the_student(shipped):
    _, report = shipped
    exact = [one for one in report.artifacts[1:] if one.name != "onnx_int8"]

    assert all(one.parity.max_difference <= one.parity.allowed for one in exact)
    assert {(report.student.top1, 1.0, None)} == {
        (one.top1, one.agreement_student, one.grid) for one in exact
    }


def test_a_file_in_int8_says_what_it_saved_and_what_it_lost(shipped):
    _, report = shipped
    plain, int8 = (by_name(report, name) for name in ("onnx", "onnx_int8"))

    assert int8.parity is None
    assert int8.against_onnx.size_ratio == pytest.approx(int8.size_mb / plain.size_mb)
    assert int8.against_onnx.top1_lost == pytest.approx(report.student.top1 - int8.top1)
    assert int8.grid.best.agreement_student == int8.agreement_student
    assert 8 == len(int8.grid.tries)


def test_each_file_is_an_event(shipped):
    folder, _ = shipped

    assert [
        ("safetensors", "artifacts/safetensors"),
        ("onnx", "artifacts/onnx/student.onnx"),
        ("onnx_uint8", "artifacts/onnx/student_uint8.onnx"),
        ("onnx_int8", "artifacts/onnx_int8/student_int8.onnx"),
        ("torch_export", "artifacts/torch_export/student.pt2"),
    ] == [(one.name, one.path) for one in payloads(folder, ArtifactReady)]


def test_a_report_is_read_as_it_was_written(shipped):
    folder, report = shipped

    assert report == kd_core.report.Report.parse(json.loads((folder / "report.json").read_text()))


@pytest.mark.usefixtures("no_exporter")
def test_an_export_that_fails_is_an_artifact_with_its_reason(here):
    report = kd_core.distill(small_spec(exports=[ONNX]), here / "out")
    failed = [one for one in report.artifacts if one.status == "failed"]
    told = payloads(here / "out", ArtifactFailed)

    assert ["onnx", "onnx_uint8"] == [one.name for one in failed] == [one.name for one in told]
    assert "onnxscript" in failed[0].reason == told[0].reason
    assert not told[0].required
    assert ["safetensors"] == [path.name for path in (here / "out/artifacts").iterdir()]
    assert {"name", "format", "status", "reason", "files"} == set(
        json.loads((here / "out/report.json").read_text())["artifacts"][1]
    )


@pytest.mark.usefixtures("no_exporter")
def test_a_required_export_that_cannot_be_made_is_refused_before_training(here):
    spec = small_spec(exports=[{"format": "safetensors"}, ONNX | {"required": True}])

    with pytest.raises(ModelInvalid, match="can be trained but not shipped as onnx") as caught:
        kd_core.distill(spec, here / "out")
    assert "/exports/1" == caught.value.problems[0].pointer
    assert not (here / "out").exists()


def stop_after(looks):
    asked = iter([False] * looks)
    return lambda: next(asked, True)


def test_a_required_export_that_fails_later_fails_the_run(here, request):
    spec = small_spec(exports=[ONNX | {"required": True}])
    with pytest.raises(Stopped):
        kd_core.distill(spec, here / "out", should_stop=stop_after(6))
    request.getfixturevalue("no_exporter")

    with pytest.raises(ExportFailed, match="onnx is required") as caught:
        kd_core.distill(spec, here / "out")
    assert "/exports/0" == caught.value.problems[0].pointer
    assert payloads(here / "out", ArtifactFailed)[0].required
    assert ["safetensors"] == [path.name for path in (here / "out/artifacts").iterdir()]


def test_what_is_whole_is_not_made_again_and_what_is_changed_is(here):
    spec = small_spec(exports=[ONNX])
    kd_core.distill(spec, here / "out")
    folder = here / "out/artifacts/onnx"
    graph, other = folder / "student.onnx", folder / "student_uint8.onnx"
    (here / "out/report.json").unlink()
    before = graph.read_bytes(), graph.stat().st_mtime_ns
    kd_core.distill(spec, here / "out")
    resumed = graph.stat().st_mtime_ns
    (here / "out/report.json").unlink()
    other.write_bytes(b"damaged")
    kd_core.distill(spec, here / "out")

    assert before[1] == resumed
    assert before[0] == graph.read_bytes()
    assert b"damaged" != other.read_bytes()


def stop_while_packing(folder, looks):
    """Of the looks since the student was trained, the one after so many."""
    asked = iter(range(looks))

    def should_stop():
        begun = any(one.phase == "packaging" for one in payloads(folder, PhaseChanged))
        return begun and next(asked, None) is None

    return should_stop


def test_a_stop_while_quantising_changes_no_bit_and_what_is_whole_is_not_made_again(shipped, here):
    spec, file = small_spec(exports=[INT8]), "artifacts/onnx_int8/student_int8.onnx"
    with pytest.raises(Stopped, match="while the student was packed"):
        kd_core.distill(spec, here / "out", should_stop=stop_while_packing(here / "out", 5))
    left = [path.name for path in (here / "out/artifacts").iterdir()]
    resumed = kd_core.distill(spec, here / "out")
    made = (here / "out" / file).stat().st_mtime_ns
    (here / "out/report.json").unlink()
    again = kd_core.distill(spec, here / "out")

    assert ["safetensors"] == left
    assert (shipped[0] / file).read_bytes() == (here / "out" / file).read_bytes()
    assert told(shipped[1]) == told(resumed)
    assert made == (here / "out" / file).stat().st_mtime_ns
    assert by_name(resumed, "onnx_int8").grid == by_name(again, "onnx_int8").grid


def told(report):
    """All of the grid but what is never measured alike."""
    tries = by_name(report, "onnx_int8").grid.tries
    return [one.model_copy(update={"latency_ms_p50": None}) for one in tries]


def save_brittle(trained, path):
    """The same answers in float32: what is added to one channel is multiplied by zero. In int8
    it leaves the other channels, which share its scale, nothing.
    """
    weights = safetensors.torch.load_file(trained / "artifacts/safetensors/model.safetensors")
    weights["blocks.1.0.bn1.bias"][0] = 1e6
    weights["blocks.1.0.conv_pwl.weight"][:, 0] = 0
    safetensors.torch.save_file(weights, path)


def test_a_file_in_int8_that_is_not_the_student_is_shipped_warned_of_and_gated(here):
    small_data(here / "data.npz", count=100)
    plain = small_spec()
    plain["recipe"] = plain["recipe"] | {"epochs": 6, "optimizer": {"kind": "adamw", "lr": 0.003}}
    kd_core.distill(plain, here / "trained")
    save_brittle(here / "trained", here / "brittle.safetensors")
    gate = {"metric": "agreement_student", "op": ">=", "value": 0.9, "of": "onnx_int8"}
    spec = small_spec(exports=[INT8], gates=[gate])
    spec["student"] = spec["student"] | {"init": "file:brittle.safetensors"}
    spec["recipe"] = spec["recipe"] | {"epochs": 1, "optimizer": {"kind": "sgd", "lr": 1e-12}}
    report = kd_core.distill(spec, here / "out")
    (warned,) = [one for one in payloads(here / "out", Warned) if one.code == "int8_collapsed"]
    int8 = by_name(report, "onnx_int8")

    assert "ready" == int8.status
    assert "failed" == report.verdict
    assert int8.agreement_student == report.gates[0].measured < 0.8
    assert "best of 8 recipes" in warned.message
    assert "agreement_student of onnx_int8" in warned.hint


@pytest.mark.parametrize("export", [ONNX, INT8])
def test_a_disk_that_fills_while_exporting_fails_the_run_and_leaves_no_half_file(
    here, monkeypatch, export
):
    def to_a_full_disk(path, data, write=Path.write_bytes):
        return write(Path("/dev/full") if path.suffix == ".onnx" else path, data)

    monkeypatch.setattr(Path, "write_bytes", to_a_full_disk)
    with pytest.raises(DiskFull, match="No space left"):
        kd_core.distill(small_spec(exports=[export]), here / "out")

    assert ["safetensors"] == [path.name for path in (here / "out/artifacts").iterdir()]


def test_weights_that_a_stranger_cannot_load_are_not_published(here, monkeypatch):
    """The trainer has what he lacks: here, a timm that can be imported."""
    program = PROGRAM.read_text().replace("import timm\n", "raise ImportError('no timm')\n")
    (here / "program.py").write_text(program)
    monkeypatch.setattr("kd_core.exports.clean_process.PROGRAM", here / "program.py")

    with pytest.raises(ExportFailed, match="not loaded again: ImportError: no timm"):
        kd_core.distill(small_spec(), here / "out")
    assert [] == list((here / "out/artifacts").iterdir())
    assert [] == payloads(here / "out", ArtifactReady)
