"""Numbers that networks compute in: asked for, tried, held against float32, kept by a resume."""

from __future__ import annotations

import re

import pytest
import safetensors.torch
import torch

import kd_core
from kd_core.errors import Stopped, TeacherUnfit
from kd_core.events import Chosen
from kd_core.models.precision import fidelity, multiplies_bf16
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_data("data.npz", count=40)
    save_teacher("teacher.safetensors")
    return tmp_path


def run(folder, *, loss="kd", should_stop=lambda: False, **recipe):
    document = small_spec(**{**WITH_TEACHER, "loss": loss})
    seen = []
    report = kd_core.distill(
        document | {"recipe": document["recipe"] | recipe},
        folder,
        lambda event: seen.append(event.data),
        should_stop=should_stop,
    )
    return report, [(at.name, at.value) for at in seen if isinstance(at, Chosen)]


def make_brittle():
    """A teacher whose answers are small differences of huge numbers."""
    state = safetensors.torch.load_file("teacher.safetensors")
    state["classifier.weight"] += 300
    safetensors.torch.save_file(state, "teacher.safetensors")


def shipped(folder):
    return (folder / "artifacts/safetensors/model.safetensors").read_bytes()


def logits(seed=0, samples=50, classes=10):
    return 3 * torch.randn(samples, classes, generator=torch.Generator().manual_seed(seed))


def test_float32_is_what_is_computed_in_unless_something_else_is_asked_for(folder):
    report, chosen = run(folder / "out")

    assert (report.chosen, chosen) == ({}, [])


def test_the_student_trains_in_bfloat16_and_is_shipped_in_float32(folder):
    run(folder / "fine")
    run(folder / "coarse", amp="bf16")
    fine, coarse = shipped(folder / "fine"), shipped(folder / "coarse")

    assert fine != coarse
    assert len(fine) == len(coarse)


def test_auto_is_decided_once_said_and_kept_by_a_resume(folder):
    looks = iter(range(9))
    with pytest.raises(Stopped):
        run(folder / "out", amp="auto", should_stop=lambda: next(looks, None) is None)
    first = kd_core.workdir.Workdir(folder / "out").record().chosen
    report, chosen = run(folder / "out", amp="auto")

    assert set(first) == {"amp"}
    assert report.chosen == first
    assert chosen == []


def test_trying_changes_no_bit_of_what_is_trained(folder):
    report, _ = run(folder / "tried", amp="auto")
    run(folder / "told", amp=report.chosen["amp"])

    assert shipped(folder / "tried") == shipped(folder / "told")


def test_equal_answers_hold_and_other_answers_do_not():
    exact = logits()
    rounded = exact.bfloat16().float()

    assert fidelity(exact, exact).is_good(ranks=True)
    assert fidelity(rounded, exact).is_good(ranks=False)
    assert not fidelity(exact + 0.3 * logits(1), exact).is_good(ranks=False)
    assert not fidelity(exact.flip(1), exact).is_good(ranks=False)


def test_a_ranking_loss_also_wants_the_order():
    exact = logits(classes=60)
    swapped = exact + 0.05 * logits(1, classes=60)
    found = fidelity(swapped, exact)

    assert found.divergence < 1e-3
    assert found.order < 0.99
    assert not found.is_good(ranks=True)


def test_a_teacher_that_does_not_hold_in_bfloat16_is_refused_by_its_numbers(folder):
    make_brittle()
    with pytest.raises(TeacherUnfit, match=r"divergence .*, agreement .*, order") as caught:
        run(folder / "out", teacher_precision="bf16")

    assert caught.value.problems[0].pointer == "/recipe/teacher_precision"
    assert "fp32" in caught.value.problems[0].hint


def test_auto_keeps_a_teacher_in_float32_where_bfloat16_does_not_hold(folder):
    make_brittle()
    report, chosen = run(folder / "out", teacher_precision="auto")

    assert chosen == [("teacher_precision", "fp32")]
    assert report.chosen == {"teacher_precision": "fp32"}


def test_a_teacher_that_holds_answers_in_bfloat16(folder):
    _, chosen = run(folder / "out", teacher_precision="bf16")

    assert chosen == [("teacher_precision", "bf16")]


def test_auto_says_what_was_tried_and_why_int8_was_not(folder):
    seen = []
    document = small_spec(**WITH_TEACHER)
    document["recipe"] |= {"teacher_precision": "auto"}
    kd_core.distill(document, folder / "out", lambda event: seen.append(event.data))
    (why,) = [at.why for at in seen if isinstance(at, Chosen)]

    assert why.startswith("bf16: ")
    assert re.search(r"; int8: not tried, the teacher answers for \d+ s in this run", why)


def test_whether_a_device_multiplies_bfloat16_is_known():
    assert multiplies_bf16("cpu") in (True, False)
