"""KD taken apart by groups: one pass against the formula, in value, gradient and beyond."""

from __future__ import annotations

import pytest
import torch

from kd_core.closed_forms import group_divergence
from kd_core.closed_forms.group_divergence import GroupDivergence
from kd_core.closed_forms.groups import Groups, above_the_leap
from kd_core.ops import best_classes, descending_order

DIRECTIONS = ("forward", "reverse", "symmetric")
SAMPLES, CLASSES = 7, 9


def logits(samples=SAMPLES, classes=CLASSES, seed=0, dtype=torch.float64):
    source = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(2, samples, classes, generator=source, dtype=dtype)


def groups_of(teacher, name):
    classes = teacher.shape[1]
    match name:
        case "leap":
            return above_the_leap(descending_order(teacher), teacher / 2, leap=1.5, most=6)
        case "one":
            return Groups(best_classes(teacher, 1), (1,), classes)
        case "top":
            return Groups(best_classes(teacher, 4), (4,), classes)
        case "all but one":
            return Groups(best_classes(teacher, classes - 1), (classes - 1,), classes)
        case _:
            return Groups(best_classes(teacher, 4), (1, 3), classes)


GROUPS = ("one", "top", "all but one", "three", "leap")


def divergence(teacher, groups, direction="forward", **changes):
    weights = (1.5, 0.5, 2.0, 4.0)[: 1 + groups.count]
    options = {"temperature": 2.0, "weights": weights, "direction": direction, **changes}
    return GroupDivergence(teacher, groups, **options)


def by_formula(form, student):
    student = student.clone().requires_grad_()
    terms = form.formula(student)
    gradients = [torch.autograd.grad(term, student, retain_graph=True)[0] for term in terms]
    return terms.detach(), torch.stack(gradients)


def in_one_pass(form, student):
    student = student.clone().requires_grad_()
    terms = form(student)
    gradients = [torch.autograd.grad(term, student, retain_graph=True)[0] for term in terms]
    return torch.stack(terms).detach(), torch.stack(gradients)


@pytest.mark.parametrize("by_mass", [False, True])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", GROUPS)
def test_every_term_and_its_gradient_are_those_of_the_formula(name, direction, by_mass):
    student, teacher = logits()
    groups = groups_of(teacher, name)
    counted = (False,) * (groups.count - 1) + (True,) if by_mass else None
    form = divergence(teacher, groups, direction, by_mass=counted)

    torch.testing.assert_close(in_one_pass(form, student), by_formula(form, student))


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", GROUPS)
def test_the_gradient_is_the_slope_of_the_value(name, direction):
    student, teacher = logits(samples=2)
    form = divergence(teacher, groups_of(teacher, name), direction)

    assert torch.autograd.gradcheck(form, student.requires_grad_())


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", ["one", "three", "leap"])
def test_the_second_derivative_is_that_of_the_formula(name, direction):
    student, teacher = logits(samples=1, classes=6)
    form = divergence(teacher, groups_of(teacher, name), direction)

    assert torch.autograd.gradgradcheck(form, student.requires_grad_())


@pytest.mark.parametrize("sizes", [(9,), (1, 8), (1, 0), (12,)])
def test_an_empty_group_adds_nothing_and_has_no_gradient_of_any_order(sizes):
    student, teacher = logits(samples=2)
    listed = descending_order(teacher)[:, : sum(sizes)]
    held = tuple(min(size, CLASSES) for size in sizes)
    form = divergence(teacher, Groups(listed, held, CLASSES))
    terms, gradients = in_one_pass(form, student)
    empty = [1 + g for g, size in enumerate([*held, CLASSES - sum(held)]) if size == 0]

    assert empty
    assert torch.equal(terms[empty], torch.zeros_like(terms[empty]))
    assert torch.equal(gradients[empty], torch.zeros_like(gradients[empty]))
    assert terms.isfinite().all()
    assert torch.autograd.gradgradcheck(form, student.requires_grad_())


def test_one_group_of_everything_has_no_divergence_between():
    student, teacher = logits()
    form = divergence(teacher, Groups(descending_order(teacher), (CLASSES,), CLASSES))
    terms, gradients = in_one_pass(form, student)

    assert float(terms[0]) == 0
    assert not gradients[0].any()


@pytest.mark.parametrize("elements", [1, 9, 10, 18, 27, 45, 62, 63, 1000])
@pytest.mark.parametrize("name", ["top", "three", "leap"])
def test_blocks_of_rows_of_every_size_give_the_same(name, elements, monkeypatch):
    student, teacher = logits()
    form = divergence(teacher, groups_of(teacher, name))
    expected = in_one_pass(form, student)
    monkeypatch.setattr(group_divergence, "CACHED_ELEMENTS", elements)

    torch.testing.assert_close(in_one_pass(form, student), expected, rtol=1e-14, atol=1e-14)


def test_it_may_be_asked_again_and_leaves_its_inputs_alone():
    student, teacher = logits()
    given = (student.clone(), teacher.clone())
    form = divergence(teacher, groups_of(teacher, "three"))
    student.requires_grad_()
    summed = sum(form(student))
    once, again = (torch.autograd.grad(summed, student, retain_graph=True)[0] for _ in "12")

    assert torch.equal(once, again)
    assert torch.equal(student, given[0])
    assert torch.equal(teacher, given[1])


def test_the_layout_in_memory_does_not_matter():
    student, teacher = logits()
    expected = in_one_pass(divergence(teacher, groups_of(teacher, "top")), student)
    scattered = teacher.repeat_interleave(2, dim=1)[:, ::2]
    found = in_one_pass(divergence(scattered, groups_of(teacher, "top")), student.T.contiguous().T)

    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", GROUPS)
def test_where_the_student_is_the_teacher_value_and_gradient_are_exactly_nothing(name, direction):
    teacher = logits(dtype=torch.float32)[1]
    terms, gradients = in_one_pass(
        divergence(teacher, groups_of(teacher, name), direction), teacher
    )

    assert not terms.any()
    assert not gradients.any()


@pytest.mark.parametrize("gap", [200.0, -200.0])
@pytest.mark.parametrize("name", ["one", "top", "three"])
def test_a_group_far_below_the_others_keeps_its_own_maximum(name, gap):
    """In float32 its sum would be 0 next to theirs, and its logarithm infinite."""
    student, teacher = logits(dtype=torch.float32)
    groups = groups_of(teacher, name)
    far = student.scatter_add(
        1, groups.apart, torch.full_like(student, gap)[:, : groups.apart.shape[1]]
    )
    form, exact = divergence(teacher, groups), divergence(teacher.double(), groups)
    expected = by_formula(exact, far.double())

    torch.testing.assert_close(
        in_one_pass(form, far), tuple(at.float() for at in expected), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("name", GROUPS)
def test_off_the_cpu_the_gradient_looks_at_no_number(name):
    """A look would wait for the device. Tensors of the meta device have no numbers to show."""
    student, teacher = logits().to("meta")
    form = divergence(teacher, groups_of(teacher, name))
    terms, saved = form.values(student)

    assert form.gradient(saved, torch.ones_like(terms)).shape == student.shape


def batches_that_lose_digits():
    """Name, student, teacher in float32: where rounding is felt."""
    student, teacher = logits(samples=16, classes=100, dtype=torch.float32)
    yield "ordinary", student, teacher
    yield "nearly flat student", student / 3000, teacher
    yield "wide", 8 * student, 8 * teacher
    yield "duplicated teacher logits", student, teacher.round()
    sure = torch.zeros_like(student).scatter_(1, best_classes(teacher, 1), 40.0)
    yield "both sure", student + sure, teacher + sure


def as_published(student, teacher, listed, temperature, weights):
    """The authors' code: sums of masked softmaxes, and 1000 subtracted from what is masked."""
    inside = torch.zeros_like(student).scatter_(1, listed, 1.0)
    z, w = student / temperature, teacher / temperature

    def masses(divided):
        shares = torch.softmax(divided, dim=1)
        return torch.stack([(shares * inside).sum(dim=1), (shares * (1 - inside)).sum(dim=1)])

    kl_div = torch.nn.functional.kl_div
    between = kl_div(masses(z).log(), masses(w), reduction="sum")
    total = weights[0] * between
    for weight, mask in zip(weights[1:], (1 - inside, inside), strict=True):
        log_p = torch.log_softmax(z - 1000 * mask, dim=1)
        total = total + weight * kl_div(
            log_p, torch.softmax(w - 1000 * mask, dim=1), reduction="sum"
        )
    return total * temperature**2 / len(student)


@pytest.mark.parametrize(
    ("student", "teacher"),
    [pytest.param(s, t, id=name) for name, s, t in batches_that_lose_digits()],
)
@pytest.mark.parametrize("k", [1, 5])
def test_single_precision_is_as_exact_as_the_published_formula(k, student, teacher):
    groups = Groups(best_classes(teacher, k), (k,), student.shape[1])

    def error(gradient, exact):
        return float((gradient.double() - exact).norm() / exact.norm())

    def gradient(total, at):
        return torch.autograd.grad(total(at), at)[0]

    def ours(at):
        return sum(divergence(teacher.to(at.dtype), groups, weights=(1.0, 1.0, 8.0))(at))

    def published(at):
        return as_published(at, teacher.to(at.dtype), groups.apart, 2.0, (1.0, 1.0, 8.0))

    exact = gradient(ours, student.double().requires_grad_())
    single = student.clone().requires_grad_()

    assert error(gradient(ours, single), exact) <= max(
        5e-7, 3 * error(gradient(published, single), exact)
    )
