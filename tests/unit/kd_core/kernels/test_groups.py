"""The kernel of KD, DKD and GDKD, interpreted, against the definition."""

import pytest
import torch

from tests.support import kernel_definitions
from tests.support.kernel_situations import assert_close, situations

GROUPS = "groups_terms_and_gradients"
WEIGHTS = torch.tensor([0.7, 1.0, 2.0, 3.0])


def one_group(teacher):
    """KD's: all classes together."""
    return torch.zeros(teacher.shape, dtype=torch.int8)


def two_groups(teacher):
    """DKD's: one class and the others."""
    return (torch.arange(teacher.shape[1]) != 1).to(torch.int8).expand(teacher.shape)


def three_groups(teacher):
    """GDKD's: the teacher's first, its next ones, the rest; the rest is empty with two classes."""
    rank = teacher.argsort(dim=1, descending=True, stable=True).argsort(dim=1)
    return (rank.clamp(max=1) + (rank > teacher.shape[1] // 2)).to(torch.int8)


PARTITIONS = {1: one_group, 2: two_groups, 3: three_groups}


def assert_terms_and_gradient(run, student, teacher, membership, temperature, weights, within=1e-5):
    found = run(GROUPS, student, teacher, membership, temperature, weights)
    expected = kernel_definitions.groups(student, teacher, membership, temperature, weights)

    for term, expected_term in zip(found[0].unbind(1), expected[0].unbind(1), strict=True):
        assert_close(term, expected_term, within=within)
    assert_close(found[1].exp(), expected[1].exp())
    assert_close(found[2], expected[2])


@pytest.mark.parametrize("temperature", [1.0, 4])
@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("situation", situations())
def test_terms_and_gradient_are_those_of_the_definition(
    interpreted, situation, groups, temperature
):
    student, teacher = situations()[situation]

    assert_terms_and_gradient(
        interpreted,
        student,
        teacher,
        PARTITIONS[groups](teacher),
        temperature,
        WEIGHTS[: 1 + groups],
    )


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_a_row_may_need_several_tiles(interpreted, groups):
    source = torch.Generator().manual_seed(2)
    student, teacher = 3 * torch.randn(2, 2, 2100, generator=source)

    assert_terms_and_gradient(
        interpreted, student, teacher, PARTITIONS[groups](teacher), 4.0, WEIGHTS[: 1 + groups]
    )


@pytest.mark.parametrize(
    ("temperature", "within"),
    # At 100 a term is 1e-4 nats, all that differences of logs of 37 leave: so it is for torch too.
    [(0.01, 1e-5), (100.0, 1e-3)],
)
def test_the_ends_of_the_temperature_are_no_worse_than_floats(interpreted, temperature, within):
    student, teacher = situations()["not a power of two"]
    membership = three_groups(teacher)

    assert_terms_and_gradient(
        interpreted, student, teacher, membership, temperature, WEIGHTS, within
    )


def test_every_row_may_have_weights_of_its_own(interpreted):
    student, teacher = situations()["not a power of two"]
    weights = torch.rand(3, 4, generator=torch.Generator().manual_seed(3))

    assert_terms_and_gradient(interpreted, student, teacher, three_groups(teacher), 4.0, weights)


def test_an_empty_group_and_a_group_of_one_class_add_nothing(interpreted):
    student, teacher = situations()["not a power of two"]
    membership = (torch.arange(37) == 5).to(torch.int8).expand(3, 37) * 2  # group 1 is empty

    terms, log_masses, gradient = interpreted(GROUPS, student, teacher, membership, 4.0, WEIGHTS)

    assert torch.equal(torch.zeros(3, 2), terms[:, 2:])
    assert torch.equal(torch.zeros(3), log_masses[:, 1].exp())
    assert gradient.isfinite().all()


def test_a_student_equal_to_its_teacher_feels_nothing(interpreted):
    _, teacher = situations()["not a power of two"]

    terms, _, gradient = interpreted(GROUPS, teacher, teacher, three_groups(teacher), 4.0, WEIGHTS)

    assert torch.equal(torch.zeros(3, 4), terms)
    assert torch.equal(torch.zeros(3, 37), gradient)


def test_logits_may_lie_in_memory_in_any_order(interpreted):
    student, teacher = situations()["not a power of two"]
    given = (student, teacher, three_groups(teacher))

    straight = interpreted(GROUPS, *given, 4.0, WEIGHTS)
    strided = interpreted(GROUPS, *(each.t().contiguous().t() for each in given), 4.0, WEIGHTS)

    for one, other in zip(straight, strided, strict=True):
        assert torch.equal(one, other)
