"""MLKD's closed form against the formula as it is usually written, and the sizes it works with."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import kl_div
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from kd_core.objective import loss

TERMS = ("kd", "cc", "bc")
TEMPERATURES = (1.0, 4.0)


def plain(student, teacher, temperatures=TEMPERATURES):
    samples, classes = student.shape
    terms = dict.fromkeys(TERMS, 0.0)
    for temperature in temperatures:
        p, q = (torch.softmax(at / temperature, dim=1) for at in (student, teacher))
        divergence = kl_div(
            torch.log_softmax(student / temperature, dim=1), q, reduction="batchmean"
        )
        terms["kd"] = terms["kd"] + temperature**2 * divergence
        terms["cc"] = terms["cc"] + (p.T @ p - q.T @ q).square().sum() / classes
        terms["bc"] = terms["bc"] + (p @ p.T - q @ q.T).square().sum() / samples
    return terms


def ours(student, teacher):
    return loss("mlkd", temperatures=TEMPERATURES, enable_mask=False).terms(student, teacher)


def logits(samples, classes, *, seed=0, dtype=torch.float64):
    source = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(2, samples, classes, generator=source, dtype=torch.float64).to(dtype)


def gradient(value, student, **options):
    return torch.autograd.grad(value, student, **options)[0]


def total(terms):
    return torch.stack([*terms.values()]).sum()


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize("shape", [(5, 9), (9, 5), (6, 6), (1, 4), (7, 2)], ids=str)
def test_every_part_and_its_gradient_are_those_of_the_formula(name, shape):
    student, teacher = logits(*shape)
    student.requires_grad_()
    found, expected = ours(student, teacher)[name], plain(student, teacher)[name]

    torch.testing.assert_close(found, expected, rtol=1e-11, atol=1e-14)
    torch.testing.assert_close(
        gradient(found, student), gradient(expected, student), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("shape", [(3, 5), (5, 3)], ids=str)
def test_the_gradient_that_can_be_differentiated_is_the_same(shape):
    student, teacher = logits(*shape)
    student.requires_grad_()
    once = gradient(total(ours(student, teacher)), student)
    again = gradient(total(ours(student, teacher)), student, create_graph=True)

    torch.testing.assert_close(again.detach(), once, rtol=1e-10, atol=1e-12)
    assert torch.autograd.gradgradcheck(lambda s: total(ours(s, teacher)), student)


def test_asking_twice_gives_the_same_and_leaves_the_logits_alone():
    student, teacher = logits(6, 9)
    before = student.clone(), teacher.clone()
    student.requires_grad_()
    terms = ours(student, teacher)
    parts = [gradient(terms[name], student, retain_graph=True) for name in TERMS]
    together = gradient(total(terms), student, retain_graph=True)

    assert torch.equal(gradient(total(terms), student), together)
    torch.testing.assert_close(together, sum(parts), rtol=1e-12, atol=1e-14)
    assert torch.equal(student, before[0])
    assert torch.equal(teacher, before[1])


@pytest.mark.parametrize("apart", [1e-3, 1e-1, 10.0])
@pytest.mark.parametrize("shape", [(16, 100), (100, 16)], ids=str)
def test_close_to_the_teacher_single_precision_errs_no_more_than_the_formula(shape, apart):
    noise, teacher = logits(*shape, dtype=torch.float32)
    student = teacher + apart * noise
    exact = student.double().requires_grad_()
    expected_terms = plain(exact, teacher.double())
    expected = gradient(total(expected_terms), exact)

    def error(terms):
        wanted = student.clone().requires_grad_()
        found = gradient(total(terms(wanted, teacher)), wanted)
        return float((found.double() - expected).norm() / expected.norm())

    assert error(ours) <= max(5e-7, 3 * error(plain))
    for name in ("cc", "bc"):
        found = ours(student, teacher)[name].double()

        torch.testing.assert_close(found, expected_terms[name].detach(), rtol=2e-6 / apart, atol=0)


class Sizes(TorchDispatchMode):
    """Notes how many elements the largest tensor has that any operation makes."""

    def __init__(self):
        super().__init__()
        self.largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        sizes = [at.numel() for at in tree_leaves(made) if isinstance(at, torch.Tensor)]
        self.largest = max(self.largest, *sizes, 0)
        return made


@pytest.mark.parametrize("shape", [(4, 5000), (5000, 4)], ids=["many classes", "many samples"])
def test_nothing_as_large_as_the_square_of_the_larger_side_is_made(shape):
    student, teacher = logits(*shape, dtype=torch.float32)
    student.requires_grad_()
    with Sizes() as sizes:
        loss("mlkd")(student, teacher).backward()

    assert 4 * 5000 == sizes.largest
