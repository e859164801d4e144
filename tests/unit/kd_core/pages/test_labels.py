"""Labels of a plot: all of them readable, wherever the marks are."""

import re
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kd_core.pages.html.labels import CHARACTER, LINE, labels

PLACES = st.lists(
    st.tuples(
        st.sampled_from(["teacher", "student", "onnx", "onnx_int8"]),
        st.floats(60, 350),
        st.floats(40, 230),
    ),
    min_size=1,
    max_size=4,
)


def boxes(drawn):
    for label in drawn:
        said = re.search(">(.*)<", label).group(1)
        x, y = (float(re.search(f' {axis}="([^"]+)"', label).group(1)) for axis in "xy")
        left = x if 'anchor="start"' in label else x - len(said) * CHARACTER
        yield left, left + len(said) * CHARACTER, y


@given(places=PLACES)
def test_every_name_is_told_once_or_counted(places):
    said = [re.search(">(.*)<", label).group(1) for label in labels(places)]
    told = sum(
        1 + int(more.group(1))
        if (more := re.search(r"and (\d+) more", one))
        else one.count(",") + 1
        for one in said
    )

    assert told == len(places)


@given(x=st.floats(60, 350), y=st.floats(60, 200), gap=st.floats(15, 60))
def test_two_marks_beside_each_other_have_labels_apart(x, y, gap):
    drawn = list(boxes(labels([("student", x, y), ("baseline", min(x + gap, 365), y)])))

    for one, other in combinations(drawn, 2):
        apart = one[1] <= other[0] or other[1] <= one[0]
        assert apart or abs(one[2] - other[2]) >= LINE


def test_a_label_at_the_edge_goes_to_the_left():
    ((left, right, _),) = boxes(labels([("teacher", 360, 100)]))

    assert (left > 0, right) == (True, 351)
