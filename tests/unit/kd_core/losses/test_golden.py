"""The losses against numbers of the published implementations, and against the slow formulas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from kd_core.errors import LossInputInvalid
from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from tests.support.loss_subject import (
    Batch,
    Measured,
    Subject,
    declared_at_every_choice,
    extremes,
    measure,
    random_batch,
    tied,
)
from tests.support.slow_losses import SLOW

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class GoldenFile:
    """A file of published numbers: our loss, and our names for its parameters."""

    kind: str
    names: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def ours(self, published: Mapping[str, Any]) -> dict[str, Any]:
        names = {"T": "temperature", **self.names}
        given = {names.get(key, key): VALUES.get((key, at), at) for key, at in published.items()}
        return {**self.fixed, **given}


VALUES = {("kl_type", "both"): "symmetric"}
FILES = {
    "kd": GoldenFile("kd"),
    "kl_variants": GoldenFile("kd", {"kl_type": "direction"}),
    "js": GoldenFile("kd", fixed={"direction": "js"}),
    "lskd": GoldenFile("kd", fixed={"standardize": True}),
    "dkd": GoldenFile("dkd"),
    "dkdmod": GoldenFile("dkd", {"kl_type": "kl_direction"}),
    "lsdkd": GoldenFile("dkd", fixed={"standardize": True}),
    "gdkd": GoldenFile("gdkd", {"kl_type": "kl_direction"}),
    "gdkd3": GoldenFile("gdkd", fixed={"groups": "three"}),
    "gdkd_autow": GoldenFile("gdkd", {"mode": "mass_weighting"}),
    "gdkd_autok": GoldenFile("gdkd", fixed={"k": "auto"}),
    "gdkd_ls": GoldenFile("gdkd", {"norm_mode": "standardize"}),
    "pld": GoldenFile("pld"),
    "rkkd": GoldenFile("rkkd"),
    "nkd": GoldenFile("nkd"),
    "dist": GoldenFile("dist"),
    "mlkd": GoldenFile("mlkd"),
}
UNIT = dict.fromkeys(("alpha", "beta", "gamma", "w0", "w1", "w2", "m1", "m2"), 1.0)
VALUE_TOLERANCE, GRADIENT_TOLERANCE, SINGLE_TOLERANCE = 1e-9, 1e-7, 1e-4


@dataclass(frozen=True)
class GoldenCase:
    name: str
    kind: str
    params: dict[str, Any]
    batch: Batch
    expected: Measured
    terms: dict[str, float]  # at unit weight

    def __str__(self):
        return self.name


def raw_golden(file):
    return json.loads((GOLDEN / f"{file}.json").read_text(encoding="utf-8"))["cases"]


def batch_of(case):
    student, teacher = (
        torch.tensor(case[name], dtype=torch.float64) for name in ("student", "teacher")
    )
    return Batch(student, teacher, torch.tensor(case.get("target", [0] * len(student))))


def expected_of(case):
    return Measured(
        torch.tensor(case["loss"], dtype=torch.float64),
        torch.tensor(case["grad_student"], dtype=torch.float64),
    )


def read_golden(file):
    for case in raw_golden(file):
        yield GoldenCase(
            name=f"{file}|{case['name']}",
            kind=FILES[file].kind,
            params=FILES[file].ours(case["params"]),
            batch=batch_of(case),
            expected=expected_of(case),
            terms=case.get("terms", {}),
        )


def subject_of(kind, **params):
    return Subject(LOSSES[kind], lambda **changes: loss(kind, **changes), params)


def situations():
    """Batches that have broken implementations before, in float64, by name."""
    ordinary = random_batch(seed=1, samples=4, classes=6)
    sure = torch.nn.functional.one_hot(ordinary.labels, 6).to(torch.float64)
    half_wrong = torch.cat([sure[:2], sure[2:].roll(1, dims=1)])
    yield "ordinary", ordinary
    yield (
        "large_logits_pm50",
        replace(
            ordinary,
            student=ordinary.student.clamp(-5, 5) * 10,
            teacher=ordinary.teacher.clamp(-5, 5) * 10,
        ),
    )
    yield "near_one_hot_teacher", replace(ordinary, teacher=ordinary.teacher + 30 * half_wrong)
    yield "teacher_wrong", replace(ordinary, teacher=ordinary.teacher - 12 * sure)
    yield "two_classes", random_batch(seed=2, samples=4, classes=2)
    yield "ties", tied(ordinary)
    yield "student_equals_teacher", replace(ordinary, student=ordinary.teacher)
    yield "single_sample", random_batch(seed=3, samples=1, classes=5)
    yield "hundred_classes", random_batch(seed=4, samples=2, classes=100)
    yield from extremes(ordinary).items()


def slowly(subject, batch):
    formula = SLOW[subject.spec.kind]
    inputs = (batch.student.tolist(), batch.teacher.tolist(), batch.labels.tolist())
    return Measured(
        torch.tensor(formula.value(*inputs, **subject.settings), dtype=torch.float64),
        torch.tensor(formula.gradient(*inputs, **subject.settings), dtype=torch.float64),
    )


def assert_agrees(actual, expected, value_tolerance, gradient_tolerance):
    """The value relatively, the gradient relative to its largest entry. Where a divergence is all
    but 0 there is nothing to be relative to: there the logits' own rounding is the measure.
    """
    largest = float(expected.gradient.abs().max())
    torch.testing.assert_close(
        actual.value.double(), expected.value, rtol=value_tolerance, atol=value_tolerance / 100
    )
    torch.testing.assert_close(
        actual.gradient.double(),
        expected.gradient,
        rtol=0,
        atol=gradient_tolerance * max(largest, 0.01),
    )


CASES = [case for file in FILES if FILES[file].kind in LOSSES for case in read_golden(file)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_published_numbers_are_reproduced_in_double_precision(case):
    found = measure(subject_of(case.kind, **case.params), case.batch)

    assert_agrees(found, case.expected, VALUE_TOLERANCE, GRADIENT_TOLERANCE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_published_numbers_are_reproduced_in_single_precision(case):
    found = measure(subject_of(case.kind, **case.params), case.batch.to(torch.float32))

    assert_agrees(found, case.expected, SINGLE_TOLERANCE, SINGLE_TOLERANCE)


@pytest.mark.parametrize("case", [case for case in CASES if case.terms], ids=str)
def test_published_parts_are_reproduced(case):
    """At unit weight. The files list other things beside them, such as each sample's k."""
    weights = {
        name: at for name, at in UNIT.items() if name in LOSSES[case.kind].params.model_fields
    }
    terms = loss(case.kind, **{**case.params, **weights}).terms(**case.batch.inputs)
    published = {name: case.terms[name] for name in terms if name in case.terms}

    assert published == {name: pytest.approx(float(terms[name]), rel=1e-9) for name in published}
    assert published or case.kind == "rkkd"


@pytest.mark.parametrize("case", raw_golden("kd_torchdistill"), ids=lambda case: case["name"])
def test_published_numbers_of_a_sum_are_reproduced(case):
    alpha = case["params"]["alpha"]
    batch, expected = batch_of(case), expected_of(case)
    student = batch.student.requires_grad_()
    summed = loss("ce", weight=alpha)(**batch.inputs) + loss(
        "kd", weight=1 - alpha, temperature=case["params"]["T"]
    )(**batch.inputs)
    summed.backward()

    assert_agrees(
        Measured(summed.detach(), student.grad), expected, VALUE_TOLERANCE, GRADIENT_TOLERANCE
    )


PARTS = {"kd_loss": "kd", "cc_loss": "cc", "bc_loss": "bc"}


@pytest.mark.parametrize("case", raw_golden("mlkd_terms"), ids=lambda case: case["name"])
def test_published_numbers_of_each_level_are_reproduced(case):
    batch, expected = batch_of(case), expected_of(case)
    student = batch.student.requires_grad_()
    mlkd = loss("mlkd", temperatures=[case["params"]["T"]], enable_mask=False)
    term = mlkd.terms(**batch.inputs)[PARTS[case["params"]["term"]]]
    term.backward()

    assert_agrees(
        Measured(term.detach(), student.grad), expected, VALUE_TOLERANCE, GRADIENT_TOLERANCE
    )


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_slow_formula_reproduces_the_published_numbers(case):
    found = slowly(subject_of(case.kind, **case.params), case.batch)

    assert_agrees(found, case.expected, VALUE_TOLERANCE, GRADIENT_TOLERANCE)


@pytest.mark.parametrize("subject", declared_at_every_choice(), ids=str)
@pytest.mark.parametrize(
    "batch", [pytest.param(batch, id=name.replace(" ", "_")) for name, batch in situations()]
)
def test_the_slow_formula_is_reproduced_in_every_situation(subject, batch):
    single = batch.to(torch.float32)

    assert_agrees(
        measure(subject, batch), slowly(subject, batch), VALUE_TOLERANCE, GRADIENT_TOLERANCE
    )
    assert_agrees(
        measure(subject, single),
        slowly(subject, single.to(torch.float64)),
        SINGLE_TOLERANCE,
        SINGLE_TOLERANCE,
    )


@pytest.mark.parametrize("subject", declared_at_every_choice(), ids=str)
def test_the_slow_gradient_is_the_slope_of_the_slow_value(subject):
    batch = random_batch(seed=5, samples=2, classes=5)
    inputs = (batch.student.tolist(), batch.teacher.tolist(), batch.labels.tolist())
    slopes = SLOW[subject.spec.kind].central_differences(*inputs, **subject.settings)

    torch.testing.assert_close(
        slowly(subject, batch).gradient,
        torch.tensor(slopes, dtype=torch.float64),
        rtol=1e-7,
        atol=1e-7,
    )


def test_every_shipped_loss_has_a_slow_formula():
    assert set(LOSSES) == set(SLOW)


def test_a_tie_in_the_teacher_goes_to_the_lower_class():
    student, teacher, label = [0.3, 2.0, -1.0, 0.5], [1.0, 2.0, 2.0, 0.0], 0
    settings = {"temperature": 1.0, "weights": "teacher"}
    lower = SLOW["pld"].of_sample(student, teacher, label, **settings, ties="lower")
    higher = SLOW["pld"].of_sample(student, teacher, label, **settings, ties="higher")
    found = loss("pld")(torch.tensor([student]), torch.tensor([teacher]), torch.tensor([label]))

    assert abs(lower - higher) > 0.1
    assert float(found) == pytest.approx(lower, rel=1e-6)


def test_ties_are_broken_the_same_way_among_very_many_classes():
    """Sorts that are stable on short rows by accident are not on long ones."""
    batch = random_batch(seed=6, samples=1, classes=3000)
    level = replace(batch, teacher=torch.zeros_like(batch.teacher))
    lower_first = replace(batch, teacher=-1e-12 * torch.arange(3000).to(batch.teacher)[None])

    torch.testing.assert_close(loss("pld")(**level.inputs), loss("pld")(**lower_first.inputs))


def test_p_list_mle_takes_a_hundred_classes_and_refuses_more():
    hundred, more = (random_batch(seed=0, classes=classes) for classes in (100, 101))
    plistmle = loss("pld", weights="plistmle")

    assert plistmle(**hundred.inputs).isfinite()
    with pytest.raises(LossInputInvalid, match=r"at most 100 classes; got 101\n.*weights: teacher"):
        plistmle(**more.inputs)
