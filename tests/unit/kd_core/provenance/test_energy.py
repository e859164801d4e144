"""The counter of a GPU: read where there is one, and silence everywhere else."""

import pytest

from kd_core.provenance.energy import Meter, meter_of

NOBODY = "00000000-0000-0000-0000-000000000000"


def test_a_processor_has_no_counter():
    assert meter_of("cpu").joules() is None


def test_without_a_driver_nothing_is_measured():
    assert Meter(NOBODY, "lib-that-nobody-has.so.1").joules() is None


def test_a_library_that_is_not_nvml_measures_nothing():
    assert Meter(NOBODY, "libc.so.6").joules() is None


@pytest.mark.gpu
def test_a_gpu_that_works_counts():
    import torch

    meter = meter_of("cuda")
    before = meter.joules()
    matrix = torch.ones(4096, 4096, device="cuda")
    for _ in range(200):
        matrix = (matrix @ matrix).clamp_(-1, 1)
    torch.cuda.synchronize()

    assert meter.joules() > before > 0
