"""Bars: drawn over themselves on a terminal, and nowhere else."""

import io

import pytest

from stillhouse.cli.bars import DONE, LEFT, Bars


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def moments():
    """A clock that goes on by a second with every look."""
    return iter(range(1000)).__next__


def test_a_bar_shows_how_far_it_is_and_how_long_it_will_take(moments):
    terminal = Terminal()
    with Bars(terminal, moments) as bars:
        bars.update("training", 0, 200)
        bars.update("training", 100, note="loss 0.5")
    last = terminal.getvalue().splitlines()[-1]

    assert f"{DONE * 15}{LEFT * 15}  50%  0:00:" in last
    assert last.endswith(" left  loss 0.5")


def test_a_bar_is_drawn_over_the_one_before(moments):
    terminal = Terminal()
    bars = Bars(terminal, moments)
    bars.update("one", 1, 2)
    bars.update("two", 1, 2)
    bars.update("two", 2)

    shown = terminal.getvalue()
    assert 1 == shown.count("\x1b[1F\x1b[J")
    assert 1 == shown.count("\x1b[2F\x1b[J")


def test_a_line_stays_above_the_bars(moments):
    terminal = Terminal()
    bars = Bars(terminal, moments)
    bars.update("one", 1, 2)
    bars.say("warning: look")

    assert "\x1b[1F\x1b[Jwarning: look\none " in terminal.getvalue()


def test_what_is_over_is_full_though_its_last_step_was_not_seen(moments):
    terminal = Terminal()
    with Bars(terminal, moments) as bars:
        bars.update("reading")
        bars.finish_others("training")

    assert "100%" in terminal.getvalue().splitlines()[-1]


def test_what_is_no_terminal_gets_the_lines_alone(moments):
    file = io.StringIO()
    with Bars(file, moments) as bars:
        bars.update("one", 1, 2)
        bars.say("warning: look")

    assert "warning: look\n" == file.getvalue()
