"""Where a kernel may be used, and that nothing needs one."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from kd_core.kernels.choice import MOST_CLASSES, fits, launches, usable

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize("kernel", MOST_CLASSES)
def test_logits_on_the_cpu_are_left_to_torch(kernel):
    assert not usable(torch.zeros(4, 10), kernel)


@pytest.mark.parametrize("kernel", MOST_CLASSES)
def test_a_kernel_takes_rows_of_two_classes_up_to_its_limit(kernel):
    most = MOST_CLASSES[kernel]
    sizes = (1, 2, most, most + 1)

    assert [False, True, True, False] == [fits(torch.empty(1, size), kernel) for size in sizes]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_only_float32_is_for_kernels(dtype):
    assert not fits(torch.empty(4, 10, dtype=dtype), "groups")


def test_an_empty_batch_is_left_to_torch():
    assert not fits(torch.empty(0, 10), "groups")


def test_a_device_that_runs_no_kernel_is_told_once(caplog):
    launches.cache_clear()

    with caplog.at_level(logging.WARNING):
        found = [launches(torch.device("cpu")) for _ in range(2)]

    assert found == [False, False]
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("no Triton kernels on cpu, torch computes instead: ")


EVERY_LOSS = """
from tests.support.loss_subject import declared_at_every_choice, measure, random_batch
batch = random_batch(0).to(torch.float32)
assert all(measure(subject, batch).is_finite for subject in declared_at_every_choice())
"""


def run(code):
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_losses_on_the_cpu_import_no_triton():
    shown = run(f"import torch{EVERY_LOSS}import sys; print('triton' in sys.modules)")

    assert shown == ["False"]


def test_a_machine_without_triton_computes_every_loss():
    blocked = "import sys; sys.modules['triton'] = None\nimport torch"
    asked = "from kd_core.kernels.choice import launches; print(launches(torch.device('cpu')))"
    shown = run(f"{blocked}{EVERY_LOSS}{asked}")

    assert shown == ["False"]
