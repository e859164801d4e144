"""A process can say under which command line it wants to be listed."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
from kd_core.command_line import show_as
show_as(eval(sys.argv[1]))
print(open("/proc/self/cmdline", "rb").read(), os.environ["HERE"])
"""


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["trainer", "run 1"], b"trainer\0run 1\0"),
        (["a word longer than all that was there" * 100], b"a word longer than all that was there"),
        ([], b""),
    ],
)
def test_words_are_shown_as_far_as_there_is_room_and_nothing_else_changes(words, shown):
    room = "x" * 100
    command = [sys.executable, "-c", PROGRAM, repr(words), room]
    said = subprocess.run(command, env={"HERE": "still"}, capture_output=True, check=True).stdout
    line, here = said.decode().rsplit(maxsplit=1)
    seen = eval(line)  # noqa: S307 - what our own program printed

    assert seen.startswith(shown)
    assert len("\0".join(command)) + 1 == len(seen)
    assert seen.endswith(b"\0")
    assert "still" == here
