"""What ties the losses to each other: identities that hold for every batch."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy, one_hot

from kd_core.losses.catalog import LOSSES
from kd_core.objective import loss
from tests.support.loss_subject import Subject, measure, random_batch
from tests.support.strategies import batches

TEMPERATURES = st.floats(0.5, 20)
DIRECTIONS = ("forward", "reverse", "symmetric", "js")
WEIGHTS = ("teacher", "uniform", "plistmle", "onehot")

often = settings(max_examples=40, deadline=None)


def close(actual, expected, tolerance=1e-10):
    torch.testing.assert_close(actual, expected, rtol=tolerance, atol=tolerance)


def kl(q, p):
    """KL of two short distributions, from the definition."""
    return (q * (q / p).log()).sum()


@often
@given(batch=batches(), temperature=TEMPERATURES, data=st.data())
def test_kd_is_the_divergence_of_the_masses_and_the_weighed_divergences_within(
    batch, temperature, data
):
    classes = batch.student.shape[1]
    group_of = data.draw(st.lists(st.integers(0, 2), min_size=classes, max_size=classes))
    groups = [[i for i in range(classes) if group_of[i] == g] for g in sorted(set(group_of))]
    rows = []
    for s, t in zip(batch.student, batch.teacher, strict=True):
        p, q = (torch.softmax(logits / temperature, dim=0) for logits in (s, t))
        p_mass, q_mass = (torch.stack([at[group].sum() for group in groups]) for at in (p, q))
        within = [kl(q[g] / q[g].sum(), p[g] / p[g].sum()) for g in groups]
        rows.append(kl(q_mass, p_mass) + (q_mass * torch.stack(within)).sum())
    expected = temperature**2 * torch.stack(rows).mean()

    close(loss("kd", temperature=temperature)(**batch.inputs), expected)


@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_kd_is_the_target_part_and_the_rest_by_the_mass_of_the_rest(batch, temperature):
    dkd = loss("dkd", temperature=temperature, alpha=1.0, beta=1.0)
    kd = loss("kd", temperature=temperature)
    for i, label in enumerate(batch.labels):
        sample = batch.rows([i])
        parts = dkd.terms(**sample.inputs)
        rest = 1 - torch.softmax(sample.teacher[0] / temperature, dim=0)[label]

        close(kd(**sample.inputs), parts["tckd"] + rest * parts["nckd"])


@often
@given(batch=batches())
def test_pld_with_a_sure_teacher_that_agrees_is_cross_entropy(batch):
    sure = 200 * one_hot(batch.labels, batch.teacher.shape[1]).to(batch.teacher)
    agreeing = replace(batch, teacher=batch.teacher + sure)

    close(loss("pld")(**agreeing.inputs), cross_entropy(batch.student, batch.labels))


@often
@given(batch=batches())
def test_pld_of_the_first_rank_alone_is_cross_entropy(batch):
    first_rank = measure(Subject(LOSSES["pld"], partial(loss, "pld", weights="onehot")), batch)
    cross = measure(Subject(LOSSES["ce"], partial(loss, "ce")), batch)

    close(first_rank.value, cross.value, 1e-13)
    close(first_rank.gradient, cross.gradient, 1e-13)


@often
@given(batch=batches())
def test_pld_of_uniform_weights_is_the_likelihood_of_the_ranking_by_the_number_of_classes(batch):
    samples, classes = batch.student.shape
    likelihoods = []
    for s, t, label in zip(batch.student, batch.teacher, batch.labels.tolist(), strict=True):
        others = sorted((i for i in range(classes) if i != label), key=lambda i: -t[i])
        drawn = s.exp()[[label, *others]].tolist()
        likelihoods.append(math.prod(drawn[k] / math.fsum(drawn[k:]) for k in range(classes)))
    expected = -math.fsum(math.log(at) for at in likelihoods) / samples / classes

    assert float(loss("pld", weights="uniform")(**batch.inputs)) == pytest.approx(expected)


@often
@given(seed=st.integers(0, 2**32 - 1))
def test_pld_over_two_classes_is_cross_entropy_weighed_by_the_teachers_belief(seed):
    batch = random_batch(seed, samples=5, classes=2)
    belief = torch.softmax(batch.teacher, dim=1).gather(1, batch.labels[:, None]).squeeze(1)
    expected = belief * cross_entropy(batch.student, batch.labels, reduction="none")

    close(loss("pld")(**batch.inputs), expected.mean())


@pytest.mark.parametrize("weights", WEIGHTS)
@often
@given(batch=batches(), other=batches(), share=st.floats(0, 1))
def test_pld_lies_below_its_chords(weights, batch, other, share):
    pld = loss("pld", weights=weights)
    samples, classes = batch.student.shape
    end = other.student.flatten().repeat(samples * classes)[: samples * classes]
    end = replace(batch, student=end.reshape(samples, classes))
    between = replace(batch, student=share * end.student + (1 - share) * batch.student)
    chord = share * pld(**end.inputs) + (1 - share) * pld(**batch.inputs)

    assert float(pld(**between.inputs)) <= float(chord) * (1 + 1e-12) + 1e-12


@pytest.mark.parametrize(
    "divergence",
    [
        *(pytest.param(("kd", {"direction": at}), id=f"kd {at}") for at in DIRECTIONS),
        pytest.param(("dkd", {}), id="dkd"),
    ],
)
@often
@given(batch=batches(), temperature=TEMPERATURES)
def test_a_divergence_is_nothing_where_the_student_is_the_teacher(divergence, batch, temperature):
    kind, params = divergence
    subject = Subject(LOSSES[kind], partial(loss, kind, **params, temperature=temperature))
    found = measure(subject, replace(batch, student=batch.teacher))

    close(found.value, torch.zeros_like(found.value), 1e-12)
    close(found.gradient, torch.zeros_like(found.gradient), 1e-12)


@pytest.mark.parametrize(
    ("kind", "params"), [*(("kd", {"direction": at}) for at in DIRECTIONS), ("dkd", {})]
)
@often
@given(batch=batches())
def test_a_divergence_is_never_negative(kind, params, batch):
    assert float(loss(kind, **params)(**batch.inputs)) >= 0


@often
@given(batch=batches())
def test_pld_still_pushes_where_the_student_is_the_teacher(batch):
    found = measure(
        Subject(LOSSES["pld"], partial(loss, "pld")), replace(batch, student=batch.teacher)
    )

    assert float(found.value) > 0
    assert float(found.gradient.abs().max()) > 0
