"""Curves drawn as text."""

import math

import pytest

from stillhouse.cli.plots import FINE, PLAIN, plot, style_for

FALLING = [(step, 10 - step) for step in range(11)]


def test_a_curve_goes_from_corner_to_corner():
    lines = plot(FALLING, 11, 11, PLAIN)

    rows = [line.split("|")[-1].split("+")[-1] for line in lines[:11]]
    assert [" " * place + "*" for place in range(11)] == rows


def test_its_ends_stand_at_both_axes():
    lines = plot([(20, 0.25), (480, 0.875)], 30, 4)

    assert lines[0].startswith("0.875 ┤")
    assert lines[3].startswith(" 0.25 ┤")
    assert ["20", "480"] == lines[5].split()
    assert len(lines[4]) == len(lines[5])


def test_a_character_has_eight_dots():
    (row, *_) = plot([(0, 0), (3, 3)], 2, 1, FINE)

    assert row.endswith("⡠⠊")


def test_what_is_no_number_leaves_a_gap():
    broken = [(0, 1.0), (1, 1.0), (2, math.nan), (5, math.inf), (8, 1.0), (9, 1.0)]
    (middle,) = [line for line in plot(broken, 10, 3, PLAIN) if "*" in line]

    assert "**      **" == middle.split("|")[-1]


@pytest.mark.parametrize("points", [[], [(1, math.nan)], [(1, math.inf), (2, -math.inf)]])
def test_where_no_number_is_there_is_no_picture(points):
    assert [] == plot(points, 20, 4)


def test_from_one_end_of_what_a_number_can_be_to_the_other():
    lines = plot([(0, -1.7e308), (1, 1.7e308)], 4, 3, PLAIN)

    assert "*" in lines[0]
    assert "*" in lines[2]


def test_one_point_is_in_the_middle():
    lines = plot([(7, 0.5)], 9, 3, PLAIN)

    assert "    *" == lines[1].split("|")[1]


@pytest.mark.parametrize(
    ("encoding", "style"),
    [("utf-8", FINE), ("ascii", PLAIN), ("latin-1", PLAIN), (None, PLAIN), ("klingon", PLAIN)],
)
def test_a_terminal_is_shown_what_it_can_show(encoding, style):
    assert style is style_for(encoding)
