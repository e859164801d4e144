"""What the program in the sandbox does to a checkpoint, seen from outside the sandbox."""

from __future__ import annotations

import io
from pickle import UnpicklingError

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kd_core.models import convert

SHAPES = st.lists(st.integers(min_value=0, max_value=4), max_size=3).map(tuple)


def written(state, most: int = 10**6) -> bytes:
    file = io.BytesIO()
    convert.write(state, file, most)
    return file.getvalue()


def refused(action, *arguments) -> tuple[str, str]:
    with pytest.raises(convert.Refused) as caught:
        action(*arguments)
    return caught.value.outcome, caught.value.detail


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1).filter(
            lambda name: name != "__metadata__"
        ),
        st.tuples(SHAPES, st.sampled_from(list(convert.dtype_names()))),
        max_size=6,
    )
)
def test_the_library_reads_what_was_written(plan):
    state = {name: torch.ones(shape, dtype=dtype) for name, (shape, dtype) in plan.items()}
    found = safetensors.torch.load(written(state))

    assert found.keys() == state.keys()
    for name, tensor in state.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)


def test_the_file_is_the_one_that_the_library_writes():
    state = {"b": torch.randn(3), "a": torch.randn(2, 2), "n": torch.tensor(3)}

    assert written(state) == safetensors.torch.save(state)


def test_no_more_is_written_than_was_allowed():
    assert refused(written, {"a": torch.zeros(1000)}, 1000) == (
        "too_large",
        "4000 bytes of tensors",
    )


@pytest.mark.parametrize(
    ("state", "outcome", "detail"),
    [
        (torch.zeros(2), "not_a_mapping", "Tensor"),
        ({1: torch.zeros(2)}, "wrapper", "1"),
        ({"a": torch.zeros(2), "b": None}, "wrapper", "'a', 'b'"),
        (dict.fromkeys("abcdefghij", 0), "wrapper", f"{str(list('abcdefgh'))[1:-1]}, ..."),
        ({"a": torch.eye(2).to_sparse()}, "tensor", "'a' (torch.sparse_coo, cpu)"),
        ({"a": torch.zeros(2, device="meta")}, "tensor", "'a' (torch.strided, meta)"),
        ({"a": torch.zeros(2, dtype=torch.complex64)}, "tensor", "'a' (torch.complex64)"),
    ],
)
def test_what_is_no_state_dict_is_refused(state, outcome, detail):
    assert refused(convert.check, state) == (outcome, detail)


@pytest.mark.parametrize(
    ("error", "outcome", "detail"),
    [
        (MemoryError(), "memory", ""),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "memory", ""),
        (UnpicklingError("Unsupported global: GLOBAL os.system was not"), "code", "os.system"),
        (RuntimeError("with TorchScript archives passed"), "code", "a TorchScript program"),
        (UnpicklingError("WeightsUnpickler error: \n\nUnsupported operand 149"), "foreign", ""),
        (
            RuntimeError("unexpected EOF, expected 100 more bytes. The file might be corrupted."),
            "unreadable",
            "RuntimeError: unexpected EOF, expected 100 more bytes",
        ),
        (EOFError(), "unreadable", "EOFError: no reason given"),
    ],
)
def test_the_long_messages_of_torch_come_down_to_one_answer(error, outcome, detail):
    assert convert.reading_failed(error) == (outcome, detail)
