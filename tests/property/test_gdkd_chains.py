"""What ties GDKD to KD and DKD, and what it keeps for every batch."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kd_core.closed_forms.group_formula import between_rows, log_masses, within_rows
from kd_core.closed_forms.groups import Groups
from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from kd_core.ops import kl_rows
from tests.support.loss_parameters import choices
from tests.support.loss_subject import Subject, measure
from tests.support.strategies import batches

TEMPERATURES = st.floats(0.5, 20)
KS = st.integers(1, 14)  # of 2 to 12 classes: more than there are as well
EVERY_CHOICE = choices(LOSSES["gdkd"])

often = settings(max_examples=40, deadline=None)


def close(actual, expected, tolerance=1e-10):
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def subject(kind, **params):
    return Subject(LOSSES[kind], partial(loss, kind, **params))


def softened(logits, temperature):
    return torch.log_softmax(logits / temperature, dim=1)


@often
@given(batch=batches(), temperature=TEMPERATURES, data=st.data())
def test_kd_is_the_divergence_between_random_groups_and_those_within_by_mass(
    batch, temperature, data
):
    samples, classes = batch.student.shape
    sizes = data.draw(st.lists(st.integers(0, classes), min_size=1, max_size=4))
    sizes = tuple(size for i, size in enumerate(sizes) if sum(sizes[: i + 1]) <= classes) or (1,)
    mixed = torch.stack(
        [torch.tensor(data.draw(st.permutations(range(classes)))) for _ in range(samples)]
    )
    groups = Groups(mixed[:, : sum(sizes)], sizes, classes)
    z, w = batch.student / temperature, batch.teacher / temperature
    masses = log_masses(w, groups).exp()
    within = within_rows(z, w, groups, "forward")
    expected = kl_rows(softened(batch.teacher, temperature), softened(batch.student, temperature))

    close(between_rows(z, w, groups) + (masses * within).sum(dim=1), expected)


@often
@given(batch=batches(), temperature=TEMPERATURES, k=KS)
def test_kd_is_the_first_part_and_the_others_by_the_teachers_mass(batch, temperature, k):
    unit = loss("gdkd", temperature=temperature, k=k, w0=1.0, w1=1.0, w2=1.0)
    kd = loss("kd", temperature=temperature)
    for i in range(len(batch.labels)):
        sample = batch.rows([i])
        parts = unit.terms(**sample.inputs)
        top = sample.teacher.topk(min(k, sample.teacher.shape[1])).indices
        mass = softened(sample.teacher, temperature).exp().gather(1, top).sum()

        close(
            parts["high"] + mass * parts["low_top"] + (1 - mass) * parts["low_other"],
            kd(**sample.inputs),
        )


@often
@given(batch=batches(), temperature=TEMPERATURES, k=KS)
def test_both_parts_by_mass_at_weight_1_are_kd(batch, temperature, k):
    by_mass = subject("gdkd", temperature=temperature, k=k, mass_weighting="v1")
    found, expected = (
        measure(by_mass, batch),
        measure(subject("kd", temperature=temperature), batch),
    )

    close(found.value, expected.value)
    close(found.gradient, expected.gradient)


@often
@given(batch=batches(), temperature=TEMPERATURES, w0=st.floats(0.1, 10), w2=st.floats(0.1, 10))
def test_of_one_class_on_top_it_is_dkd_where_the_teacher_is_right(batch, temperature, w0, w2):
    right = replace(batch, labels=batch.teacher.argmax(dim=1))
    dkd = measure(subject("dkd", temperature=temperature, alpha=w0, beta=w2), right)
    top1 = measure(
        subject("dkd", temperature=temperature, alpha=w0, beta=w2, strategy="top1"), batch
    )
    for w1 in (0.0, 1.0, 100.0):
        gdkd = subject("gdkd", temperature=temperature, k=1, w0=w0, w1=w1, w2=w2)
        found = measure(gdkd, batch)
        for expected in (dkd, top1):
            close(found.value, expected.value)
            close(found.gradient, expected.gradient)


@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_of_three_groups_with_k_2_the_middle_has_nothing_within(batch, temperature):
    terms = loss("gdkd", temperature=temperature, groups="three", k=2).terms(**batch.inputs)

    assert float(terms["low_top"]) == 0


@often
@given(batch=batches(), temperature=TEMPERATURES, k=st.integers(1, 11))
def test_the_worst_k_are_the_rest_of_the_best(batch, temperature, k):
    classes = batch.teacher.shape[1]
    k = min(k, classes - 1)
    weighed = partial(loss, "gdkd", temperature=temperature)
    worst = weighed(k=k, strategy="worst", w1=3.0, w2=5.0).terms(**batch.inputs)
    best = weighed(k=classes - k, w1=5.0, w2=3.0).terms(**batch.inputs)

    close(worst["high"], best["high"])
    close(worst["low_top"], best["low_other"])
    close(worst["low_other"], best["low_top"])


@often
@given(batch=batches(), factor=st.floats(0.2, 5), choice=st.sampled_from(EVERY_CHOICE), k=KS)
def test_logits_and_temperature_times_c_make_it_c_squared_times_as_much(batch, factor, choice, k):
    """Unless scale is what a choice takes out of the logits."""
    params = {**choice, "standardize": None, "k": k if choice["k"] != "auto" else "auto"}
    scaled = replace(batch, student=factor * batch.student, teacher=factor * batch.teacher)
    once = loss("gdkd", temperature=2.0, **params)(**batch.inputs)

    close(loss("gdkd", temperature=2.0 * factor, **params)(**scaled.inputs), factor**2 * once, 1e-9)


@pytest.mark.parametrize("choice", EVERY_CHOICE, ids=str)
@settings(max_examples=10, deadline=None)
@given(batch=batches(), temperature=TEMPERATURES)
def test_it_is_nothing_where_the_student_is_the_teacher_and_never_negative(
    choice, batch, temperature
):
    gdkd = subject("gdkd", temperature=temperature, **choice)
    found = measure(gdkd, replace(batch, student=batch.teacher))

    close(found.value, torch.zeros_like(found.value), 1e-12)
    close(found.gradient, torch.zeros_like(found.gradient), 1e-12)
    assert float(measure(gdkd, batch).value) >= -1e-12  # rounding


@often
@given(batch=batches(), temperature=TEMPERATURES, k=st.integers(1, 11))
def test_the_gradient_is_the_published_one(batch, temperature, k):
    """(T / B) [ w0 p^g (b_s - b_t) + w_g (p^g - q^g) ], for a class of group g."""
    samples, classes = batch.student.shape
    k = min(k, classes - 1)
    found = measure(subject("gdkd", temperature=temperature, k=k, w0=2.0, w1=3.0, w2=5.0), batch)
    p, q = (softened(at, temperature).exp() for at in (batch.student, batch.teacher))
    top = torch.zeros_like(p, dtype=torch.bool).scatter(
        1, batch.teacher.topk(k).indices, value=True
    )
    for group, weight in ((top, 3.0), (~top, 5.0)):
        b_s, b_t = ((at * group).sum(dim=1, keepdim=True) for at in (p, q))
        expected = 2.0 * p / b_s * (b_s - b_t) + weight * (p / b_s - q / b_t)

        close(found.gradient[group], (temperature / samples * expected)[group])


@often
@given(batch=batches(), scale=st.floats(0.1, 10), shift=st.floats(-50, 50))
@pytest.mark.parametrize(
    ("kind", "params"), [("gdkd", {"standardize": "global"}), ("dkd", {"standardize": True})]
)
def test_of_standardized_rows_only_the_shape_counts(kind, params, batch, scale, shift):
    shaped = loss(kind, **params)
    changed = replace(batch, student=scale * batch.student + shift)

    close(shaped(**changed.inputs), shaped(**batch.inputs), 1e-4)
