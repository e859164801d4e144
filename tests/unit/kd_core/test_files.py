"""Files that are whole or not there."""

import hashlib

import pytest

from kd_core.files import folder_in_one_move, write_atomically


def test_a_file_is_written_and_its_digest_returned(tmp_path):
    digest = write_atomically(tmp_path / "file", b"bytes")

    assert (tmp_path / "file").read_bytes() == b"bytes"
    assert digest == hashlib.sha256(b"bytes").hexdigest()


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    write_atomically(tmp_path / "file", b"old")

    def fail(file):
        file.write(b"ne")
        raise OSError

    with pytest.raises(OSError):
        write_atomically(tmp_path / "file", fail)
    assert (tmp_path / "file").read_bytes() == b"old"


def test_a_folder_appears_whole(tmp_path):
    with folder_in_one_move(tmp_path / "deep/folder") as partial:
        (partial / "one").write_text("1")
        seen = list((tmp_path / "deep").iterdir())

    assert seen == [tmp_path / "deep/folder.partial"]
    assert [tmp_path / "deep/folder"] == list((tmp_path / "deep").iterdir())


def test_a_folder_that_fails_vanishes(tmp_path):
    with pytest.raises(OSError), folder_in_one_move(tmp_path / "folder") as partial:
        (partial / "one").write_text("1")
        raise OSError
    assert not list(tmp_path.iterdir())
