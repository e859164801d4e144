"""The files of a bundle, measured again: on what they were measured on, and on anything else."""

import json
import shutil

import numpy as np
import pytest

from kd_core.errors import BundleInvalid, DataInvalid
from kd_core.remeasuring import remeasured
from kd_core.report import Report
from kd_core.verification import verified
from tests.support.small_runs import stripes


@pytest.fixture(scope="module")
def graph_alone(shipped):
    """The report of the run as if it had shipped one file, which is soon loaded."""
    _, report = shipped
    return report.model_copy(update={"artifacts": report.artifacts[1:2]})


def measured(shipped, report, path, folder=None):
    folder = folder or shipped[0]
    return remeasured(folder, verified(folder).manifest, report, path.parent, f"file:{path}", 1)


def test_on_its_own_data_every_file_agrees_with_the_report(shipped):
    folder, report = shipped
    found = measured(shipped, report, folder.parent / "data.npz")

    assert found.holds
    assert found.same_data
    assert report.student.measured.samples == found.samples
    assert {one.name: "agrees" for one in report.artifacts} == {
        score.name: score.state for score in found.scores
    }


def test_a_report_that_says_more_than_is_true_is_found(shipped, graph_alone):
    boast = graph_alone.artifacts[0].model_copy(update={"top1": 1.5})
    report = graph_alone.model_copy(update={"artifacts": (boast,)})
    found = measured(shipped, report, shipped[0].parent / "data.npz")

    assert not found.holds
    assert "differs" == found.scores[0].state
    assert 1.5 == found.scores[0].reported != found.scores[0].top1


def saved(path, labels_of=lambda labels: labels, **more):
    images, labels = stripes(7, seed=9)
    np.savez(path, images=images, labels=labels_of(labels), **more)
    return path


def test_on_other_data_all_its_images_are_measured_and_nothing_is_claimed(
    shipped, graph_alone, tmp_path
):
    plain = measured(shipped, graph_alone, saved(tmp_path / "a.npz"))
    swapped = measured(
        shipped, graph_alone, saved(tmp_path / "b.npz", class_names=np.array(["1", "0"]))
    )

    assert (plain.same_data, plain.samples, "measured") == (False, 7, plain.scores[0].state)
    assert plain.scores[0].reported is None
    assert swapped.scores[0].top1 == pytest.approx(1 - plain.scores[0].top1)


def test_classes_that_the_student_does_not_know_are_refused(shipped, graph_alone, tmp_path):
    path = saved(
        tmp_path / "c.npz",
        lambda labels: np.arange(len(labels)) % 3,
        class_names=np.array(["cat", "dog", "1"]),
    )

    with pytest.raises(DataInvalid, match="does not know 2 of the data's classes"):
        measured(shipped, graph_alone, path)


def test_unlabelled_data_measures_nothing(shipped, graph_alone, tmp_path):
    np.savez(tmp_path / "d.npz", images=stripes(6)[0])

    with pytest.raises(DataInvalid):
        measured(shipped, graph_alone, tmp_path / "d.npz")


def test_a_file_that_nobody_vouches_for_is_not_run(shipped):
    folder, report = shipped
    manifest = verified(folder).manifest
    few = manifest.model_copy(update={"files": manifest.files[:2]})

    with pytest.raises(BundleInvalid, match="the manifest does not list"):
        remeasured(folder, few, report, folder.parent, "file:data.npz", 1)


def test_a_file_that_cannot_be_loaded_says_so(shipped, tmp_path):
    folder = tmp_path / "out"
    shutil.copytree(shipped[0], folder)
    graph = folder / "artifacts/onnx/student.onnx"
    graph.write_bytes(b"no graph")
    manifest = verified(shipped[0]).manifest
    report = Report.parse(json.loads((folder / "report.json").read_text()))
    report = report.model_copy(update={"artifacts": report.artifacts[1:2]})
    found = remeasured(folder, manifest, report, shipped[0].parent, "file:data.npz", 1)

    assert not found.holds
    assert "broken" == found.scores[0].state
    assert "not loaded again" in found.scores[0].reason
