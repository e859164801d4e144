"""A length of time is a number and a unit; everything else is told how to write one."""

from datetime import timedelta

import pytest

from stillhouse.domain.durations import read_duration


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        (" 12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("0s", timedelta(0)),
    ],
)
def test_it_is_read_by_its_unit(text, found):
    assert found == read_duration(text)


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5h", "1w", "999999d", "1d\n2d"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="such as 90s"):
        read_duration(text)
