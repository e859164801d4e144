"""Merge patches, by the examples of RFC 7396 and by their laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhouse.domain.errors import Invalid
from stillhouse.domain.job_spec import as_it_is_now
from stillhouse.domain.merge_patch import merged

# Appendix A of the RFC: the original, the patch, the result.
EXAMPLES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(("target", "patch", "result"), EXAMPLES)
def test_the_examples_of_the_rfc(target, patch, result):
    assert result == merged(target, patch)


@given(values, values)
def test_a_patch_applied_twice_is_applied_once_and_changes_nothing_it_was_given(target, patch):
    before = repr((target, patch))
    once = merged(target, patch)

    assert once == merged(once, patch)
    assert before == repr((target, patch))


def test_a_patch_without_end_is_refused():
    patch = {}
    for _ in range(10_000):
        patch = {"a": patch}

    with pytest.raises(Invalid, match="too deeply"):
        merged({}, patch)


def test_what_was_changed_since_is_part_of_the_document_and_nothing_else_is():
    sent = {"name": "a", "loss": "kd"}
    usual = {"name": "a", "labels": {}, "priority": "normal"}

    assert sent == as_it_is_now(sent, usual)
    assert {**sent, "name": "b", "priority": "low"} == as_it_is_now(
        sent, {**usual, "name": "b", "priority": "low"}
    )
