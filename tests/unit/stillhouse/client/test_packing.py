"""A folder becomes one file, the same each time, and nothing from outside gets into it."""

import os
import tarfile

import pytest

from stillhouse.client import FileUnusable
from stillhouse.client.packing import members, one_file, pack


@pytest.fixture
def shelves(tmp_path):
    for name in ("shelves/b/2.png", "shelves/a/1.png", "shelves/a/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path / "shelves"


def packed(folder, target):
    pack(folder, target)
    return target.read_bytes()


def test_the_same_files_are_the_same_bytes(shelves, tmp_path):
    first = packed(shelves, tmp_path / "1.tar")
    for path in shelves.rglob("*"):
        os.utime(path, (1, 1))
    (shelves / "a/1.png").chmod(0o600)

    assert packed(shelves, tmp_path / "2.tar") == first


def test_another_byte_is_another_file(shelves, tmp_path):
    first = packed(shelves, tmp_path / "1.tar")
    (shelves / "a/1.png").write_bytes(b"shelves/a/1.pnG")

    assert packed(shelves, tmp_path / "2.tar") != first


def test_names_are_relative_and_sorted(shelves, tmp_path):
    pack(shelves, tmp_path / "1.tar")
    with tarfile.open(tmp_path / "1.tar") as tar:
        names = tar.getnames()

    assert names == ["a/1.png", "a/3.png", "b/2.png"]


def test_what_nobody_put_there_stays_at_home(shelves):
    (shelves / ".git").mkdir()
    (shelves / ".git/config").touch()
    (shelves / "a/.DS_Store").touch()
    (shelves / "Thumbs.db").touch()

    assert members(shelves) == ["a/1.png", "a/3.png", "b/2.png"]


def test_a_link_inside_stands_for_its_file(shelves, tmp_path):
    (shelves / "b/4.png").symlink_to(shelves / "a/1.png")
    pack(shelves, tmp_path / "1.tar")
    with tarfile.open(tmp_path / "1.tar") as tar:
        entry = tar.getmember("b/4.png")

        assert entry.isreg()
        assert tar.extractfile(entry).read() == b"shelves/a/1.png"


def outside(folder):
    (folder.parent / "secret").write_text("secret")
    (folder / "a/4.png").symlink_to(folder.parent / "secret")


def round_about(folder):
    (folder / "a/again").symlink_to(folder)


def nowhere(folder):
    (folder / "a/4.png").symlink_to(folder / "gone")


def pipe(folder):
    os.mkfifo(folder / "a/pipe")


@pytest.mark.parametrize("trap", [outside, round_about, nowhere, pipe])
def test_what_is_no_file_of_the_folder_is_refused_by_name(shelves, trap):
    trap(shelves)

    with pytest.raises(FileUnusable) as refused:
        members(shelves)
    assert refused.value.problems[0].file.startswith("a/")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(FileUnusable, match="no files"):
        members(tmp_path)


def test_the_packed_file_is_gone_afterwards(shelves):
    with one_file(shelves) as (path, name):
        assert path.is_file()
        assert name == "shelves.tar"
    assert not path.exists()


def test_a_file_is_sent_as_it_is(shelves):
    with one_file(shelves / "a/1.png") as (path, name):
        assert (path, name) == (shelves / "a/1.png", "1.png")
