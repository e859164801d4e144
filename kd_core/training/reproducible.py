"""The same bits twice: threads, deterministic kernels and random state, set here and put back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from kd_core.errors import DeviceUnavailable


def available_threads() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def choose_device(wanted: str) -> str:
    """`auto` resolved; a device that is asked for by name must be there."""
    if wanted == "cuda" and not torch.cuda.is_available():
        raise DeviceUnavailable(
            "this machine has no CUDA device that torch can use",
            hint="resources.device: auto takes what there is; `still doctor` says what that is",
            pointer="/resources/device",
        )
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return wanted


@contextmanager
def fixed_compute(threads: int, device: str) -> Iterator[None]:
    """Run with these threads and deterministic kernels; leave the process as it was found."""
    before_threads = torch.get_num_threads()
    before_deterministic = torch.are_deterministic_algorithms_enabled()
    before_random = random_state()
    torch.set_num_threads(threads)
    # On a CPU every operation has a deterministic kernel. On CUDA some have none and would fail:
    # there a resume continues the run without promising its bits.
    torch.use_deterministic_algorithms(mode=device == "cpu")
    # Deterministic mode also writes into all memory before it is used, to show who reads it too
    # early. Nobody here does, and it costs as much as a pass over every tensor.
    settings: Any = torch.utils.deterministic
    before_fill, settings.fill_uninitialized_memory = settings.fill_uninitialized_memory, False
    try:
        yield
    finally:
        torch.set_num_threads(before_threads)
        torch.use_deterministic_algorithms(mode=before_deterministic)
        settings.fill_uninitialized_memory = before_fill
        restore_random_state(before_random)


def random_state() -> dict[str, Any]:
    """Everything that dropout and the like draw from."""
    state: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state_all()
    return state


def restore_random_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])
