"""Want of memory is known by whatever name it comes."""

import errno

import pytest
import torch

from kd_core.shortage import bytes_asked_for, in_words, is_out_of_memory

CPU = (
    "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you "
    "tried to allocate 4000000000 bytes. Error code 12 (Cannot allocate memory)"
)
GPU = "CUDA out of memory. Tried to allocate 1.50 GiB. GPU 0 has a total capacity of 15.77 GiB"


@pytest.mark.parametrize(
    ("error", "amount"),
    [
        (RuntimeError(CPU), 4_000_000_000),
        (torch.OutOfMemoryError(GPU), 1_610_612_736),
        (RuntimeError("CUDA error: out of memory"), None),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), None),
        (RuntimeError("std::bad_alloc"), None),
        (RuntimeError("could not create a primitive"), None),
        (MemoryError(), None),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), None),
    ],
)
def test_it_is_known_with_its_amount(error, amount):
    assert is_out_of_memory(error)
    assert amount == bytes_asked_for(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("shape '[2, 3]' is invalid for input of size 5"),
        OSError(errno.ENOSPC, "No space left on device"),
        ValueError("out of memory"),
        RuntimeError("could not create a primitive descriptor for a convolution"),
    ],
)
def test_other_errors_are_not_it(error):
    assert not is_out_of_memory(error)


def test_what_torch_says_when_there_is_no_room_is_it():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(1 << 60, dtype=torch.uint8)

    assert is_out_of_memory(caught.value)
    assert 1 << 60 == bytes_asked_for(caught.value)


def test_amounts_are_said_in_words():
    assert ["12 bytes", "1.5 kB", "2.0 MB", "4.0 GB"] == [
        in_words(amount) for amount in (12, 1500, 2 * 10**6, 4 * 10**9)
    ]
