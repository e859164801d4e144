"""A loss by name, what it says to wrong inputs, and the weighted sum that training minimises."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import kd_core
from kd_core.errors import LossInputInvalid, SpecInvalid
from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.losses.declaration import DistillBatch
from kd_core.objective import Objective, total
from tests.support.loss_subject import random_batch

BATCH = random_batch(seed=1, samples=4, classes=3)
INPUTS = BATCH.inputs


def terms(*documents):
    return [TERMS[document["kind"]](**document) for document in documents]


def refusal(kind, **params):
    with pytest.raises(SpecInvalid) as caught:
        kd_core.loss(kind, **params)
    return [(problem.pointer, problem.code) for problem in caught.value.problems], str(caught.value)


def complaint(kind, **changes):
    with pytest.raises(LossInputInvalid) as caught:
        kd_core.loss(kind)(**{**INPUTS, **changes})
    return str(caught.value)


# By name


def test_an_unknown_loss_is_refused_with_the_nearest_names():
    places, text = refusal("dk")

    assert places == [("/kind", "unknown_loss")]
    assert "there is no loss 'dk'" in text
    assert "did you mean" in text
    assert f"known: {', '.join(LOSSES)}" in text


@pytest.mark.parametrize(
    ("params", "pointer", "code"),
    [
        ({"temperature": 0}, "/temperature", "out_of_range"),
        ({"temperature": -1.0}, "/temperature", "out_of_range"),
        ({"temperature": 1e-300}, "/temperature", "out_of_range"),
        ({"temperature": float("nan")}, "/temperature", "out_of_range"),
        ({"temperature": float("inf")}, "/temperature", "out_of_range"),
        ({"temperature": "4"}, "/temperature", "wrong_type"),
        ({"temperature": None}, "/temperature", "wrong_type"),
        ({"temperature": True}, "/temperature", "wrong_type"),
        ({"direction": "backward"}, "/direction", "not_one_of"),
        ({"weight": 0.0}, "/weight", "out_of_range"),
        ({"weight": -1.0}, "/weight", "out_of_range"),
        ({"temprature": 4.0}, "/temprature", "unknown_key"),
    ],
)
def test_a_wrong_parameter_is_refused_at_its_place(params, pointer, code):
    places, text = refusal("kd", **params)

    assert places == [(pointer, code)]
    assert pointer in text


def test_every_wrong_parameter_is_told_at_once():
    places, text = refusal("kd", temprature=2.0, direction="sideways")

    assert {"/temprature", "/direction"} == {pointer for pointer, _ in places}
    assert "did you mean temperature?" in text


def test_a_whole_number_is_a_number():
    assert kd_core.loss("kd", temperature=2).term.temperature == 2.0


# What it is given


def test_labels_that_are_needed_and_missing_are_named():
    text = complaint("dkd", labels=None)

    assert "the loss dkd needs labels and did not get it" in text
    assert "dkd needs: student_logits, teacher_logits, labels" in text


def test_a_loss_without_a_teacher_takes_none():
    assert kd_core.loss("ce")(BATCH.student, labels=BATCH.labels).isfinite()


@pytest.mark.parametrize("given", [[[0.0, 1.0]], np.zeros((4, 3))])
def test_logits_that_are_no_tensor_are_refused(given):
    text = complaint("kd", teacher_logits=given)

    assert f"the loss kd got teacher_logits as {type(given).__name__}, not as a tensor" in text
    assert "torch.as_tensor" in text


@pytest.mark.parametrize(
    "shape", [(3,), (0, 3), (4, 1), (4, 0), (4, 3, 1), ()], ids=lambda shape: f"shape{shape}"
)
def test_logits_of_another_shape_are_refused(shape):
    text = complaint("kd", student_logits=torch.zeros(shape))

    assert f"the loss kd got student_logits of shape {shape}" in text
    assert "[batch, classes]" in text


def test_logits_of_whole_numbers_are_refused():
    text = complaint("kd", student_logits=torch.zeros(4, 3, dtype=torch.int64))

    assert "student_logits of type torch.int64, not floats" in text


@pytest.mark.parametrize("shape", [(4, 4), (3, 3)])
def test_a_teacher_of_other_classes_or_samples_is_refused(shape):
    text = complaint("kd", teacher_logits=torch.zeros(shape))

    assert f"student_logits (4, 3) and teacher_logits {shape}" in text


@pytest.mark.parametrize(
    "labels", [torch.zeros(3), torch.zeros(4), torch.zeros(4, 3), torch.zeros(5, dtype=torch.int64)]
)
def test_labels_that_are_not_one_index_for_each_sample_are_refused(labels):
    text = complaint("dkd", labels=labels)

    assert f"labels of shape {tuple(labels.shape)} and type {labels.dtype} for 4 samples" in text


@pytest.mark.parametrize("label", [-1, -100, 3])
def test_a_label_outside_the_classes_is_refused(label):
    text = complaint("pld", labels=torch.tensor([0, 1, 2, label]))

    assert "the loss pld got a label outside 0..2" in text
    assert str(label) in text


def test_labels_may_be_integers_of_any_width():
    expected = kd_core.loss("dkd")(**INPUTS)

    for dtype in (torch.uint8, torch.int32):
        assert torch.equal(
            kd_core.loss("dkd")(**INPUTS | {"labels": BATCH.labels.to(dtype)}), expected
        )


# The sum


def test_terms_carry_the_weight_of_the_loss_and_sum_to_the_call():
    loss = kd_core.loss("dkd", weight=0.5, alpha=2.0)
    plain = kd_core.loss("dkd").terms(**INPUTS)
    parts = loss.terms(**INPUTS)

    assert list(parts) == ["tckd", "nckd"]
    torch.testing.assert_close(parts["tckd"], plain["tckd"])  # 0.5 of twice as much
    torch.testing.assert_close(parts["nckd"], 0.5 * plain["nckd"])
    assert torch.equal(loss(**INPUTS), parts["tckd"] + parts["nckd"])


def test_an_objective_names_every_part_by_position_kind_and_part():
    objective = Objective(terms({"kind": "ce"}, {"kind": "dkd"}, {"kind": "ce", "weight": 2.0}))
    found = objective.of(DistillBatch(**INPUTS))

    assert list(found) == ["0.ce.ce", "1.dkd.tckd", "1.dkd.nckd", "2.ce.ce"]
    torch.testing.assert_close(found["2.ce.ce"], 2 * found["0.ce.ce"])


def test_an_objective_sums_to_the_weighted_losses():
    objective = Objective(
        terms({"kind": "ce", "weight": 0.1}, {"kind": "kd", "weight": 0.9, "temperature": 2.0})
    )
    expected = 0.1 * kd_core.loss("ce")(**INPUTS) + 0.9 * kd_core.loss("kd", temperature=2.0)(
        **INPUTS
    )

    torch.testing.assert_close(total(objective.of(DistillBatch(**INPUTS))), expected)


@pytest.mark.parametrize(("kinds", "needed"), [(["ce"], False), (["ce", "kd"], True)])
def test_an_objective_needs_a_teacher_when_one_of_its_terms_does(kinds, needed):
    assert Objective(terms(*({"kind": kind} for kind in kinds))).needs_teacher is needed


def test_an_objective_says_which_loss_lacks_its_input():
    objective = Objective(terms({"kind": "ce"}, {"kind": "kd"}))

    with pytest.raises(LossInputInvalid, match="the loss kd needs teacher_logits"):
        objective.of(DistillBatch(student_logits=BATCH.student, labels=BATCH.labels))
