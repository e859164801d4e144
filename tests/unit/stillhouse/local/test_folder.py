"""One folder, one service; nobody else looks into it."""

import json
import os
import stat
import subprocess
import sys

import pytest

from stillhouse.local.errors import LocalError
from stillhouse.local.folder import occupied, prepared


def test_the_folder_is_made_for_its_owner_alone(tmp_path):
    folder = prepared(tmp_path / "a/b")

    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700
    assert folder.blobs.is_dir()


def test_a_second_service_is_told_of_the_first(tmp_path):
    folder = prepared(tmp_path)
    with (
        occupied(folder, "http://127.0.0.1:1"),
        pytest.raises(LocalError) as refused,
        occupied(folder, "http://127.0.0.1:2"),
    ):
        pass

    assert "http://127.0.0.1:1" in str(refused.value)
    assert f"process {os.getpid()}" in str(refused.value)


def test_the_folder_is_free_again_afterwards(tmp_path):
    folder = prepared(tmp_path)
    for _ in range(2):
        with occupied(folder, "http://127.0.0.1:1"):
            pass

    assert folder.lock.read_text() == ""


def test_a_service_that_was_killed_holds_nothing(tmp_path):
    code = (
        "import os, sys; from pathlib import Path;"
        "from stillhouse.local.folder import occupied, prepared;"
        "hold = occupied(prepared(Path(sys.argv[1])), 'http://x'); hold.__enter__(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)
    folder = prepared(tmp_path)

    assert json.loads(folder.lock.read_text())["url"] == "http://x"
    with occupied(folder, "http://y"):
        assert json.loads(folder.lock.read_text())["url"] == "http://y"


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b", 'a"b', "a\nb"])
def test_a_name_that_would_mean_something_else_is_refused(tmp_path, name):
    with pytest.raises(LocalError, match="one of the characters"):
        prepared(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LocalError, match="cannot be used"):
        prepared(tmp_path / "file" / "data")
