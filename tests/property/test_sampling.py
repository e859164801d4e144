"""Laws of a sampled curve: short, in order, with its ends and its extremes."""

from hypothesis import given
from hypothesis import strategies as st

from stillhouse.domain.sampling import sampled

curves = st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=300)


@given(curves, st.integers(4, 50))
def test_a_sampled_curve_keeps_what_matters(values, limit):
    points = list(enumerate(values))
    kept = sampled(points, limit, lambda point: point[1])
    known = [value for value in values if value is not None]

    assert len(kept) <= max(limit, 1)
    assert list(kept) == sorted(set(kept), key=lambda point: point[0])
    assert {points[0], points[-1]} <= {*kept}
    if known:
        seen = [value for _, value in kept if value is not None]
        assert (min(known), max(known)) == (min(seen), max(seen))


@given(curves)
def test_a_short_curve_stays_as_it_is(values):
    assert sampled(values, len(values), lambda value: value) == values


@given(curves, st.integers(1, 3))
def test_almost_no_points_are_still_within_the_limit(values, limit):
    assert len(sampled(values, limit, lambda value: value)) <= limit
