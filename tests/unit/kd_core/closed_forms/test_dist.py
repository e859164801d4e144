"""DIST's closed form against the formula as it is usually written, at seams and limits."""

from __future__ import annotations

import pytest
import torch

from kd_core.closed_forms import dist as closed
from kd_core.objective import loss

TERMS = ("inter", "intra")


def plain(student, teacher, temperature=4.0, beta=2.0, gamma=2.0):
    p, q = (torch.softmax(at / temperature, dim=1) for at in (student, teacher))
    scale = temperature**2
    return {
        "inter": beta * scale * (1 - pearson(p, q).mean()),
        "intra": gamma * scale * (1 - pearson(p.T, q.T).mean()),
    }


def pearson(a, b):
    a, b = (at - at.mean(dim=1, keepdim=True) for at in (a, b))
    return (a * b).sum(dim=1) / (a.norm(dim=1) * b.norm(dim=1) + 1e-8)


def logits(samples, classes, *, scale=3.0, seed=0, dtype=torch.float64):
    source = torch.Generator().manual_seed(seed)
    return scale * torch.randn(2, samples, classes, generator=source, dtype=torch.float64).to(dtype)


def gradient(value, student, **options):
    return torch.autograd.grad(value, student, **options)[0]


def total(terms):
    return terms["inter"] + terms["intra"]


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("shape", [(5, 7), (1, 6), (6, 2), (20, 30)], ids=str)
def test_every_part_and_its_gradient_are_those_of_the_formula(name, shape):
    student, teacher = logits(*shape)
    student.requires_grad_()
    found, expected = loss("dist").terms(student, teacher)[name], plain(student, teacher)[name]

    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(
        gradient(found, student), gradient(expected, student), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("block", [1, 20, 21, 40, 59, 60, 199, 200, 400, 1 << 16])
def test_blocks_of_every_size_give_the_same(monkeypatch, block):
    student, teacher = logits(20, 20, dtype=torch.float64)
    student.requires_grad_()
    whole = loss("dist")(student, teacher)
    expected = gradient(whole, student)
    monkeypatch.setattr(closed, "BLOCK", block)
    found = loss("dist")(student, teacher)

    torch.testing.assert_close(found, whole, rtol=1e-13, atol=0)
    torch.testing.assert_close(gradient(found, student), expected, rtol=1e-12, atol=1e-14)


def test_the_gradient_that_can_be_differentiated_is_the_same():
    student, teacher = logits(4, 5)
    student.requires_grad_()
    dist = loss("dist")
    once = gradient(dist(student, teacher), student)
    again = gradient(dist(student, teacher), student, create_graph=True)

    torch.testing.assert_close(again.detach(), once, rtol=1e-10, atol=1e-12)
    assert torch.autograd.gradgradcheck(lambda s: dist(s, teacher), student)


def test_asking_twice_gives_the_same_and_leaves_the_logits_alone():
    student, teacher = logits(18, 20)
    before = student.clone(), teacher.clone()
    student.requires_grad_()
    terms = loss("dist").terms(student, teacher)
    parts = [gradient(terms[name], student, retain_graph=True) for name in TERMS]
    together = gradient(total(terms), student, retain_graph=True)

    assert torch.equal(gradient(total(terms), student), together)
    torch.testing.assert_close(together, sum(parts), rtol=1e-12, atol=1e-14)
    assert torch.equal(student, before[0])
    assert torch.equal(teacher, before[1])


def test_a_student_that_wants_no_gradient_gets_its_value():
    student, teacher = logits(4, 5)

    assert not loss("dist")(student, teacher).requires_grad


def test_the_layout_in_memory_changes_nothing_where_blocks_are_cut(monkeypatch):
    monkeypatch.setattr(closed, "BLOCK", 100)
    student, teacher = logits(20, 30, dtype=torch.float32)
    straight, scattered = (
        student.clone().requires_grad_(),
        student.T.contiguous().T.requires_grad_(),
    )
    one, other = (loss("dist")(at, teacher) for at in (straight, scattered))

    assert torch.equal(one, other)
    assert torch.equal(gradient(one, straight), gradient(other, scattered))


SITUATIONS = {
    "ordinary": lambda s, t: (s, t),
    "nearly flat": lambda s, t: (s * 3e-4, t),
    "flatter yet": lambda s, t: (s * 3e-5, t * 1e-2),
    "one shape for all": lambda s, t: (s * 3e-4 + s[:1], t),
    "wide": lambda s, t: (s * 17, t * 17),
    "duplicated in the teacher": lambda s, t: (s, t.round()),
    "alike": lambda s, t: (t + 1e-2 * s, t),
}


@pytest.mark.parametrize("shape", [(32, 100), (64, 500), (17, 3000)], ids=str)
@pytest.mark.parametrize("situation", SITUATIONS)
def test_single_precision_errs_no_more_than_the_formula(situation, shape):
    student, teacher = SITUATIONS[situation](*logits(*shape, dtype=torch.float32))
    exact = student.double().requires_grad_()
    expected = gradient(total(plain(exact, teacher.double())), exact)

    def error(terms):
        wanted = student.clone().requires_grad_()
        found = gradient(total(terms(wanted, teacher)), wanted)
        return float((found.double() - expected).norm() / expected.norm())

    assert error(loss("dist").terms) <= max(5e-7, 3 * error(plain))


def test_few_samples_are_correlated_in_double_precision():
    """Two samples are perfectly correlated: what is left of the slope is what cancelling leaves."""
    student, teacher = logits(2, 50, scale=0.1, dtype=torch.float32)
    wide = student.double().requires_grad_()
    expected = gradient(loss("dist")(wide, teacher.double()), wide)
    narrow = student.requires_grad_()
    found = loss("dist")(narrow, teacher)

    assert found.dtype == torch.float32
    torch.testing.assert_close(gradient(found, narrow), expected.float(), rtol=1e-6, atol=1e-9)


def test_samples_that_are_alike_get_no_correlation_from_rounding():
    """They differ by a constant alone; the smallness of epsilon would enlarge what it rounds."""
    student, teacher = logits(11, 6)
    alike = student[0] + torch.linspace(0, 1, 11, dtype=torch.float64).unsqueeze(1)

    assert float(loss("dist").terms(alike, teacher)["intra"]) == 2 * 4**2


def test_a_single_sample_has_no_second_part_to_move_along():
    student, teacher = logits(1, 6)
    student.requires_grad_()
    intra = loss("dist", gamma=3.0, temperature=2.0).terms(student, teacher)["intra"]

    assert float(intra.detach()) == 3 * 2**2
    assert float(gradient(intra, student).abs().max()) == 0


def test_of_two_classes_a_sample_correlates_fully_or_not_at_all():
    student, teacher = logits(40, 2)
    student.requires_grad_()
    inter = loss("dist", beta=1.0, temperature=1.0).terms(student, teacher)["inter"]
    opposed = ((student[:, 0] > student[:, 1]) != (teacher[:, 0] > teacher[:, 1])).double()

    assert float(inter.detach()) == pytest.approx(float(2 * opposed.mean()), abs=1e-6)
    assert float(gradient(inter, student).abs().max()) < 1e-5
