"""Triton's kernels without a GPU: interpreted on the CPU, or compiled for a GPU and not run.

Triton decides when it is imported whether it interprets, for good, so each happens in a process of
its own. What fails there is raised here, with its traceback.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from multiprocessing import get_context
from typing import Any

MODULES = {
    "groups_terms_and_gradients": "kd_core.kernels.groups",
    "pld_value_and_gradient": "kd_core.kernels.pld",
    "rkkd_value_and_gradient": "kd_core.kernels.rkkd",
    "value_and_gradient_by_kernel": "tests.support.kernel_losses",
}


@contextmanager
def interpreter() -> Iterator[Callable[..., tuple[Any, ...]]]:
    """Gives `run(name, *arguments, as_tree=False)`: what the kernel's function returns, on the CPU.

    as_tree: scans fold pairs of pairs, as a GPU does. Triton's interpreter folds one by one, and
    would not notice a fold that gives something else in another order.
    """
    with _process(_interpret) as pool:

        def run(name: str, *arguments: Any, as_tree: bool = False) -> tuple[Any, ...]:
            found = pool.submit(_run, name, _mapped(_array, arguments), as_tree=as_tree).result()
            return _mapped(_tensor, found)

        yield run


@contextmanager
def compiler(capability: int, cache: str) -> Iterator[Callable[..., list[str]]]:
    """Gives `build(name, *arguments)`: the assembly of every launch that the function makes."""
    with _process(_compile_for, capability, cache) as pool:
        yield lambda name, *arguments: pool.submit(
            _build, name, _mapped(_array, arguments)
        ).result()


def _process(prepare: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, get_context("spawn"), prepare, arguments)


def _interpret() -> None:
    os.environ["TRITON_INTERPRET"] = "1"


def _compile_for(capability: int, cache: str) -> None:
    os.environ.pop("TRITON_INTERPRET", None)
    os.environ["TRITON_CACHE_DIR"] = cache
    from triton.backends.compiler import GPUTarget
    from triton.runtime import driver

    class AbsentGpu:
        get_current_device = staticmethod(lambda: 0)
        get_current_stream = staticmethod(lambda _device: 0)
        get_current_target = staticmethod(lambda: GPUTarget("cuda", capability, 32))

    driver.set_active(AbsentGpu())


def _run(name: str, arguments: tuple[Any, ...], *, as_tree: bool) -> tuple[Any, ...]:
    from unittest.mock import patch

    from triton.runtime.interpreter import ScanOps

    scan = _tree_scan if as_tree else ScanOps.generic_scan
    with patch.object(ScanOps, "generic_scan", scan):
        return _mapped(_array, _function(name)(*_mapped(_tensor, arguments)))


def _build(name: str, arguments: tuple[Any, ...]) -> list[str]:
    from unittest.mock import patch

    from triton.runtime import JITFunction

    launch, built = JITFunction.run, []

    def build(self: Any, *args: Any, **options: Any) -> None:
        built.append(launch(self, *args, **{**options, "warmup": True}).asm["ptx"])

    with patch.object(JITFunction, "run", build):
        _function(name)(*_mapped(_tensor, arguments))
    return built


def _tree_scan(self: Any, arguments: Any) -> list[Any]:
    """Hillis and Steele's scan: after step n every position has folded in 2^n before it."""
    import numpy as np

    arrays = [argument.handle.data for argument in arguments]
    tensors = partial(map, lambda array, like: self.to_tensor(array, like.dtype))
    distance = 1
    while distance < arrays[0].size:
        earlier = [np.roll(array, distance) for array in arrays]
        folded = self.combine_fn.fn(*tensors(earlier, arguments), *tensors(arrays, arguments))
        first = np.arange(arrays[0].size) < distance
        arrays = [
            np.where(first, array, fold.handle.data)
            for array, fold in zip(arrays, folded, strict=True)
        ]
        distance *= 2
    return list(tensors(arrays, arguments))


def _function(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] = getattr(import_module(MODULES[name]), name)
    return function


def _mapped(change: Callable[[Any], Any], values: Any) -> tuple[Any, ...]:
    return tuple(change(value) for value in values)


def _array(value: Any) -> Any:
    """Tensors travel between processes as arrays, which need no memory shared between them."""
    return value.numpy() if hasattr(value, "numpy") else value


def _tensor(value: Any) -> Any:
    import numpy as np
    import torch

    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value
