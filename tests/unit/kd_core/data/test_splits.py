"""A split holds out its share of each class, and is the same wherever it is drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.data.splits import held_out_by_class, held_out_of_all
from kd_core.errors import DataInvalid
from kd_core.spec import Split

shares = st.floats(0.001, 0.999)
PINNED = ([2, 4, 11, 15], [1, 5, 11, 14])


def test_the_split_of_a_seed_never_changes():
    """Fails when anything about the drawing changes: every past run would be split anew."""
    labels = np.repeat([0, 1], 8)

    first = held_out_by_class(labels, ("a", "b"), Split(validation=0.25))
    other = held_out_by_class(labels, ("a", "b"), Split(validation=0.25, seed=1))

    assert PINNED[0] == np.flatnonzero(first).tolist()
    assert PINNED[1] == np.flatnonzero(other).tolist()


@given(counts=st.lists(st.integers(2, 40), min_size=2, max_size=5), share=shares)
def test_every_class_is_on_both_sides_by_its_share(counts, share):
    labels = np.repeat(np.arange(len(counts)), counts)

    held_out = held_out_by_class(labels, [*map(str, counts)], Split(validation=share))

    for number, count in enumerate(counts):
        there = held_out[labels == number].sum()
        assert 1 <= there <= count - 1
        assert abs(there - share * count) <= 1


@given(count=st.integers(2, 200), share=shares, seed=st.integers(0, 2**63 - 1))
def test_an_unlabelled_split_has_samples_on_both_sides(count, share, seed):
    held_out = held_out_of_all(count, Split(validation=share, seed=seed))

    assert 1 <= held_out.sum() <= count - 1


def test_a_class_of_one_image_is_refused_by_name():
    with pytest.raises(DataInvalid, match="the class b has 1 image") as caught:
        held_out_by_class(np.array([0, 0, 1]), ("a", "b"), Split())

    assert caught.value.problems[0].code == "class_too_small"
