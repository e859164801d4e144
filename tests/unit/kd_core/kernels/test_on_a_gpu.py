"""The kernels on a GPU, against the definitions, and the choice of them there."""

import pytest
import torch

from kd_core.kernels.choice import MOST_CLASSES, usable
from tests.support import kernel_definitions
from tests.support.kernel_situations import assert_close, situations

pytestmark = pytest.mark.gpu
WITHIN = 1e-4  # a GPU's exp is an approximation


def logits(samples, classes):
    source = torch.Generator().manual_seed(0)
    return 3 * torch.randn(2, samples, classes, generator=source)


@pytest.mark.parametrize("kernel", MOST_CLASSES)
def test_kernels_are_used_on_a_gpu_unless_they_are_switched_off(kernel):
    student = torch.zeros(4, 10, device="cuda")

    assert usable(student, kernel)
    assert not usable(student, kernel, allowed=False)


@pytest.mark.parametrize("classes", [1000, 16384])
def test_pld_is_its_definition_on_a_gpu(classes):
    from kd_core.kernels.pld import pld_value_and_gradient

    for student, teacher in [*situations().values(), logits(2, classes)]:
        alphas = torch.softmax(teacher, dim=1)
        found = pld_value_and_gradient(student.cuda(), alphas.cuda())
        for one, other in zip(found, kernel_definitions.pld(student, alphas), strict=True):
            assert_close(one.cpu(), other, within=WITHIN)


@pytest.mark.parametrize("form", ["tanh", "teacher_sign", "product"])
def test_rkkd_is_its_definition_on_a_gpu(form):
    from kd_core.kernels.rkkd import rkkd_value_and_gradient

    for student, teacher in [*situations().values(), logits(4, 1000)]:
        found = rkkd_value_and_gradient(student.cuda(), teacher.cuda(), 1.0, form)
        expected = kernel_definitions.rkkd(student, teacher, 1.0, form)
        for one, other in zip(found, expected, strict=True):
            assert_close(one.cpu(), other, within=WITHIN)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_groups_are_their_definition_on_a_gpu(groups):
    from kd_core.kernels.groups import groups_terms_and_gradients

    weights = torch.tensor([0.7, 1.0, 2.0, 3.0])[: 1 + groups]
    for student, teacher in [*situations().values(), logits(4, 21841)]:
        rank = teacher.argsort(dim=1, descending=True).argsort(dim=1)
        membership = (rank * groups // teacher.shape[1]).to(torch.int8)
        given = student.cuda(), teacher.cuda(), membership.cuda(), 4.0, weights.cuda()
        terms, _, gradient = groups_terms_and_gradients(*given)
        expected = kernel_definitions.groups(student, teacher, membership, 4.0, weights)
        assert_close(terms.cpu(), expected[0], within=WITHIN)
        assert_close(gradient.cpu(), expected[2], within=WITHIN)
