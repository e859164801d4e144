"""What GDKD and DKD take, and what they refuse and say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from kd_core.closed_forms.groups import above_the_leap
from kd_core.errors import LossInputInvalid, SpecInvalid
from kd_core.losses.catalog import LOSSES
from kd_core.losses.declaration import DistillBatch
from kd_core.objective import Objective, loss
from kd_core.ops import descending_order
from tests.support.loss_parameters import choices
from tests.support.loss_subject import random_batch

GOLDEN = Path(__file__).parent / "golden"
VARIANTS = [
    {"groups": "three"},
    {"strategy": "worst"},
    {"k": "auto"},
    {"mass_weighting": "v2"},
    {"standardize": "both"},
]
PAIRS = [(one, other) for i, one in enumerate(VARIANTS) for other in VARIANTS[i + 1 :]]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=str)
def test_two_variants_at_once_are_refused_and_both_are_named(one, other):
    (first, at), (second, other_at) = *one.items(), *other.items()
    with pytest.raises(SpecInvalid) as refused:
        loss("gdkd", **one, **other)
    (problem,) = refused.value.problems

    assert f"/{second}" == problem.pointer
    assert f"gdkd takes {first}: {at} or {second}: {other_at}, not both at once" == problem.message
    assert first in problem.hint
    assert second in problem.hint


@pytest.mark.parametrize("variant", VARIANTS[:-1], ids=str)
def test_standardizing_whole_rows_and_any_direction_go_with_every_variant(variant):
    batch = random_batch(seed=0, classes=8)
    gdkd = loss("gdkd", **variant, standardize="global", kl_direction="both")

    assert gdkd(**batch.inputs).isfinite()


def test_every_choice_that_is_not_refused_is_tried_by_the_laws():
    assert len(choices(loss("gdkd").spec)) == 48


@pytest.mark.parametrize(
    "wrong", [{"k": 0}, {"k": "all"}, {"k": True}, {"w2": -1.0}, {"ratio_th": 1.0}, {"topk_th": 0}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(SpecInvalid, match=f"/{next(iter(wrong))}"):
        loss("gdkd", **wrong)


@pytest.mark.parametrize("groups", ["two", "three"])
def test_a_job_with_no_more_classes_than_k_is_refused(groups):
    objective = Objective([loss("gdkd", groups=groups).term])
    objective.check(classes=6)
    with pytest.raises(LossInputInvalid, match=r"needs more than 5 classes; got 5") as refused:
        objective.check(classes=5)
    (problem,) = refused.value.problems

    assert problem.pointer == "/loss/0/k"
    assert "at most 4" in problem.hint


def test_k_auto_takes_any_number_of_classes():
    Objective([loss("gdkd", k="auto").term]).check(classes=2)


def test_of_two_classes_with_k_5_only_the_top_is_left():
    batch = random_batch(seed=0, classes=2)
    terms = loss("gdkd").terms(**batch.inputs)
    everything = loss("kd")(**batch.inputs)

    assert float(terms["high"]) == float(terms["low_other"]) == 0
    assert float(terms["low_top"]) == pytest.approx(float(everything))


def test_the_published_number_of_classes_on_top_is_found_in_every_sample():
    (case,) = json.loads((GOLDEN / "gdkd_autok.json").read_text(encoding="utf-8"))["cases"]
    teacher = torch.tensor(case["teacher"], dtype=torch.float64)
    groups = above_the_leap(descending_order(teacher), teacher / case["params"]["T"], 2.0, 100)

    assert case["terms"]["k_per_sample"] == (groups.of_classes() == 0).sum(dim=1).tolist()


def test_a_teacher_of_double_precision_is_ranked_as_it_is_and_then_rounded():
    batch = random_batch(seed=0, classes=8)
    close = batch.teacher.clone()
    close[:, 3] = close.max(dim=1).values * (1 + 1e-12)  # equal to another one in float32
    student = batch.student.float()

    assert loss("gdkd", k=1)(student, close).dtype == torch.float32
    torch.testing.assert_close(
        loss("dkd", strategy="top1")(student, close, batch.labels),
        loss("dkd")(student, close, torch.full_like(batch.labels, 3)),
    )


def test_a_tie_for_the_first_rank_goes_to_the_lower_class():
    teacher = torch.tensor([[1.0, 4.0, 4.0, 0.0]])
    student = torch.tensor([[0.3, 2.0, -1.0, 0.5]])
    top1 = loss("dkd", strategy="top1")(student, teacher, torch.tensor([0]))
    lower, higher = (loss("dkd")(student, teacher, torch.tensor([at])) for at in (1, 2))

    assert float(top1) == float(lower)
    assert abs(float(lower) - float(higher)) > 1


@pytest.mark.parametrize(
    ("kind", "choice"),
    [(kind, choice) for kind in ("gdkd", "dkd") for choice in choices(LOSSES[kind])],
    ids=str,
)
def test_off_the_cpu_no_number_is_looked_at(kind, choice):
    """A look would wait for the device. Tensors of the meta device have no numbers to show."""
    student, teacher = torch.empty(2, 3, 8, device="meta").unbind()
    labels = torch.empty(3, dtype=torch.long, device="meta")
    batch = DistillBatch(student_logits=student, teacher_logits=teacher, labels=labels)
    terms = LOSSES[kind].function(batch, loss(kind, **choice).term)

    assert [torch.Size([])] * len(terms) == [term.shape for term in terms.values()]
