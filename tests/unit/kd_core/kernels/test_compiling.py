"""The kernels compile for GPUs, which this machine need not have. It says nothing of their speed.

An interpreter is more lenient than the compiler: it lets a name change its type within a loop.
"""

import pytest
import torch

from tests.support.kernel_process import compiler

AMPERE, HOPPER = 80, 90


@pytest.fixture(scope="module", params=[AMPERE, HOPPER])
def build(request, tmp_path_factory):
    with compiler(request.param, str(tmp_path_factory.mktemp("triton"))) as build:
        yield build


@pytest.mark.parametrize("classes", [2, 1000, 16384])
def test_pld_compiles_into_one_launch(build, classes):
    row = torch.zeros(2, classes)

    (assembly,) = build("pld_value_and_gradient", row, row)

    assert ".visible .entry" in assembly


@pytest.mark.parametrize("form", ["tanh", "teacher_sign", "product"])
def test_rkkd_compiles_into_one_launch(build, form):
    row = torch.zeros(2, 100)

    (assembly,) = build("rkkd_value_and_gradient", row, row, 1.0, form)

    assert ".visible .entry" in assembly


@pytest.mark.parametrize(("groups", "classes"), [(1, 2), (2, 100), (3, 21841)])
def test_groups_compile_into_one_launch(build, groups, classes):
    row, member = torch.zeros(2, classes), torch.zeros(2, classes, dtype=torch.int8)

    (assembly,) = build("groups_terms_and_gradients", row, row, member, 4.0, torch.ones(1 + groups))

    assert ".visible .entry" in assembly
