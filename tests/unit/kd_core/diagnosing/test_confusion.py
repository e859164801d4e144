"""Confusions against scikit-learn's matrix, and bounded where there are many classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from kd_core.diagnosing.confusion import confusion, pairs_of


def drawn(seed, classes, count=80):
    draw = np.random.default_rng(seed)
    return [draw.integers(0, classes, count).tolist() for _ in range(3)]


def names(classes):
    return [f"c{label}" for label in range(classes)]


@given(seed=st.integers(0, 1000), classes=st.integers(2, 8))
def test_the_matrix_is_scikit_learns_and_the_difference_that_of_two(seed, classes):
    labels, mine, theirs = drawn(seed, classes)
    ours, reference = (
        confusion_matrix(labels, said, labels=range(classes)) for said in (mine, theirs)
    )
    found = confusion(pairs_of(labels, mine), pairs_of(labels, theirs), names(classes))

    assert found.matrix == tuple(map(tuple, ours.tolist()))
    assert found.difference == tuple(map(tuple, (ours - reference).tolist()))


@given(seed=st.integers(0, 1000), classes=st.sampled_from([3, 60]))
def test_the_largest_confusions_are_those_of_all_pairs(seed, classes):
    labels, mine, theirs = drawn(seed, classes)
    ours, reference = (
        confusion_matrix(labels, said, labels=range(classes)) for said in (mine, theirs)
    )
    found = confusion(pairs_of(labels, mine), pairs_of(labels, theirs), names(classes))
    wrong = [(t, a) for t in range(classes) for a in range(classes) if t != a and ours[t, a]]
    moved = [
        (t, a) for t in range(classes) for a in range(classes) if ours[t, a] != reference[t, a]
    ]
    wrong.sort(key=lambda pair: (-ours[pair], pair))
    moved.sort(key=lambda pair: (-abs(ours[pair] - reference[pair]), pair))

    def cells(pairs):
        return [(f"c{t}", f"c{a}", ours[t, a], reference[t, a]) for t, a in pairs[:20]]

    assert cells(wrong) == [(c.true, c.answered, c.count, c.reference) for c in found.largest]
    assert cells(moved) == [(c.true, c.answered, c.count, c.reference) for c in found.changed]


@pytest.mark.parametrize(("classes", "whole"), [(50, True), (51, False)])
def test_matrices_are_whole_up_to_fifty_classes(classes, whole):
    labels, mine, theirs = drawn(0, classes)
    found = confusion(pairs_of(labels, mine), pairs_of(labels, theirs), names(classes))

    assert (found.matrix is not None, found.difference is not None) == (whole, whole)


def test_without_a_reference_nothing_is_compared():
    found = confusion(pairs_of([0, 1], [1, 1]), None, names(2))

    assert (found.difference, found.changed) == (None, ())
    assert found.largest[0].reference is None
