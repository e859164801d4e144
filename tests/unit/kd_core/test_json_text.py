"""JSON for people says what JSON says, with rows of numbers on one line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.json_text import json_text

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(document=DOCUMENTS)
def test_what_is_read_is_what_was_written(document):
    assert json.loads(json_text(document)) == document


def test_a_row_of_numbers_is_one_line():
    assert json_text({"m": [[1, 2], [3, 4]], "e": []}) == (
        '{\n  "m": [\n    [1, 2],\n    [3, 4]\n  ],\n  "e": []\n}\n'
    )


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_in_json_is_refused(number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text({"a": [number]})
