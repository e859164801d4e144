"""Hypothesis strategies: random parameters of a loss, from its own ranges, and random batches."""

from __future__ import annotations

from hypothesis import strategies as st

from kd_core.losses.declaration import LossSpec
from tests.support.loss_parameters import (
    Params,
    bounds,
    choices,
    entries,
    is_accepted,
    numbers,
    properties,
)
from tests.support.loss_subject import Batch, random_batch

SPREAD = 4  # how far from its default an ordinary number strays, as a factor


def batches() -> st.SearchStrategy[Batch]:
    """Up to 6 samples over 2 to 12 classes; no ties."""
    return st.builds(
        random_batch,
        seed=st.integers(0, 2**32 - 1),
        samples=st.integers(1, 6),
        classes=st.integers(2, 12),
    )


def parameters(spec: LossSpec) -> st.SearchStrategy[Params]:
    """Any choice, with every number in its range and within a factor of its default. Where a number
    may be had instead of a name, the name is one choice and any number another.
    """
    drawn = {
        name: _ordinary(schema["default"], number)
        for name, schema in properties(spec).items()
        for number in numbers(schema)
        if isinstance(schema["default"], int | float)
    } | {
        name: st.lists(_ordinary(schema["default"][0], number), min_size=1, max_size=3)
        for name, schema in properties(spec).items()
        for number in entries(schema)
    }
    mixed = st.builds(
        lambda one, numbers: one | {at: numbers[at] for at in numbers if not _is_named(one, at)},
        st.sampled_from(choices(spec)),
        st.fixed_dictionaries(drawn),
    )
    return mixed.filter(lambda params: is_accepted(spec, params))


def _is_named(params: Params, name: str) -> bool:
    return isinstance(params.get(name), str)


def _ordinary(default: float, number: dict) -> st.SearchStrategy[float]:
    low, high = bounds(number)
    near = sorted((default / SPREAD, default * SPREAD)) if default else (-1, 1)
    low, high = max(low, near[0]), min(high, near[1])
    if number["type"] == "integer":
        return st.integers(-int(-low // 1), int(high))
    return st.floats(low, high, allow_subnormal=False)
