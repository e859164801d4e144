"""What a run leaves of its report: three files that say the same, whatever happened in between."""

import json

import kd_core
from kd_core.pages.html.page import html
from kd_core.pages.markdown import markdown
from kd_core.report import Report
from tests.support.small_runs import OWN_TEACHER, WITH_TEACHER, save_teacher, small_data, small_spec

GATE = {"metric": "parameters", "op": "<=", "value": 10}
PAGES = {"report.html": html, "report.md": markdown}


def written(folder):
    return Report.parse(json.loads((folder / "report.json").read_text()))


def says_the_same(folder):
    report = written(folder)
    return all((folder / name).read_text() == page(report) for name, page in PAGES.items())


def test_every_model_is_diagnosed_by_the_same_samples(shipped):
    folder, report = shipped
    found = report.diagnosis
    names = ["student", "onnx", "onnx_uint8", "onnx_int8", "torch_export"]

    assert names == [m.name for m in found.models]
    assert {report.student.measured.samples} == {
        sum(map(sum, model.confusion.matrix)) for model in found.models
    }
    assert (
        report.student.top1
        == sum(found.models[0].confusion.matrix[label][label] for label in range(2)) / found.samples
    )
    assert ["size_mb", "latency_ms_p50"] == [front.cost for front in report.fronts]
    assert says_the_same(folder)


def test_teacher_and_baseline_are_diagnosed_too(here):
    spec = small_spec(teacher=OWN_TEACHER, loss="kd", baseline=True)
    found = kd_core.distill(spec, here / "out").diagnosis

    assert ["teacher", "student", "baseline"] == [model.name for model in found.models]
    assert "teacher" == found.reference
    assert [None] == [m.confusion.difference for m in found.models if m.name == "teacher"]
    assert found.flips.differing == len(found.flips.shown)


def test_unlabelled_images_have_pages_without_accuracy(here):
    small_data(here / "data.npz", labelled=False)
    save_teacher(here / "teacher.safetensors", classes=3)
    spec = small_spec(**WITH_TEACHER | {"loss": {"kind": "kd"}})
    spec["data"] = spec["data"] | {"unlabelled": True}
    report = kd_core.distill(spec, here / "out")

    assert () == report.diagnosis.models
    assert "top-1" not in (here / "out/report.md").read_text()
    assert says_the_same(here / "out")


def test_the_report_is_complete_before_the_run_is(here):
    kd_core.distill(small_spec(), here / "out")
    last = max((here / "out").glob("report.*"), key=lambda path: path.stat().st_mtime_ns)

    assert "report.json" == last.name


def test_other_gates_are_told_on_every_page(here):
    kd_core.distill(small_spec(), here / "out")
    kd_core.distill(small_spec(gates=[GATE]), here / "out")

    assert "failed" == written(here / "out").verdict
    assert (here / "out/report.md").read_text().startswith("# `distillation`: failed")
    assert says_the_same(here / "out")


def test_pages_that_a_killed_process_left_older_or_newer_are_made_again(here):
    kd_core.distill(small_spec(), here / "out")
    (here / "out/report.html").write_text("of another verdict")
    (here / "out/report.md").unlink()
    kd_core.distill(small_spec(), here / "out")

    assert says_the_same(here / "out")


def test_a_report_of_before_there_were_pages_gets_them(here):
    kd_core.distill(small_spec(), here / "out")
    document = json.loads((here / "out/report.json").read_text())
    for key in ("diagnosis", "fronts", "device"):
        del document[key]
    (here / "out/report.json").write_text(json.dumps(document))
    for name in PAGES:
        (here / "out" / name).unlink()
    kd_core.distill(small_spec(), here / "out")

    assert says_the_same(here / "out")
