"""Tables: every letter of every cell is there, however narrow the terminal."""

from hypothesis import given
from hypothesis import strategies as st

from stillhouse.cli.tables import grid

CELL = st.text(st.sampled_from("ab é中-"), max_size=30)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=5)


def test_columns_are_as_wide_as_what_is_in_them():
    lines = grid([["id", "bytes"], ["a", "1"], ["long", "1000"]], frozenset({1}), None)

    assert [["id    bytes"], ["a         1"], ["long   1000"]] == lines


def test_what_is_widest_is_folded_between_words_first():
    (_, row) = grid([["id", "about"], ["kd", "soft targets of a teacher"]], frozenset(), 20)

    assert ["kd  soft targets of", "    a teacher"] == row


def test_lines_of_a_cell_stay_apart_and_a_short_row_is_filled():
    (one, two) = grid([["a\nb", "c"], []], frozenset(), None)

    assert (["a  c", "b"], [""]) == (one, two)


def test_wide_signs_take_two_columns():
    assert [["中  x"], ["ab  y"]] == grid([["中", "x"], ["ab", "y"]], frozenset(), None)


@given(ROWS, st.integers(min_value=30, max_value=60))
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(rows, width):
    for row, lines in zip(rows, grid(rows, frozenset(), width), strict=True):
        assert all(len(line) <= width for line in lines)
        assert sorted("".join(row).replace(" ", "")) == sorted("".join(lines).replace(" ", ""))
