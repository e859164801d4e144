"""Every loss of the catalogue, as its paper sums it, teaches a small student on the digits."""

from __future__ import annotations

import pytest

import kd_core
from kd_core.events import Metrics
from kd_core.losses.catalog import LOSSES

EPOCHS = 4
CPU = {"device": "cpu", "threads": 1}


def run(folder, **changes):
    """The report, and every point of every curve: {name: [values]}."""
    document = {
        "student": {"architecture": "test_resnet"},
        "data": {"dataset": "digits", "image_size": 24},
        "recipe": {"preset": "quick", "epochs": EPOCHS, "checkpoint_every_s": 3600},
        "resources": CPU,
    }
    curves = {}

    def listen(event):
        if isinstance(event.data, Metrics):
            for point in event.data.points:
                curves.setdefault(point.name, []).append(point.value)

    return kd_core.distill({**document, **changes}, folder, on_event=listen), curves


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """A student of labels alone, a little further on than those that will learn from it."""
    folder = tmp_path_factory.mktemp("teacher")
    run(folder, loss="ce", recipe={"preset": "quick", "epochs": 8})
    weights = folder / "artifacts/safetensors/model.safetensors"
    return {"architecture": "test_resnet", "checkpoint": f"file:{weights}"}


@pytest.mark.parametrize("kind", LOSSES)
def test_a_student_learns_by_it(tmp_path, teacher, kind):
    report, curves = run(tmp_path, teacher=teacher, loss=kind)
    accuracy = curves["val/top1"]
    terms = {name: values for name, values in curves.items() if name.startswith("train/term/")}

    assert len(accuracy) == EPOCHS
    assert accuracy[-1] > accuracy[0]
    assert report.student.top1 == pytest.approx(accuracy[-1])
    assert any(f".{kind}." in name for name in terms)
    assert all(value is not None for values in terms.values() for value in values)
