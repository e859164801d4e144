"""Blobs are whole or not there, under their own digest and nowhere else.

Every store of blobs has to pass `BlobLaws`; a new one adds a class with its fixture.
"""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stillhouse.domain.errors import (
    BlobCorrupted,
    BlobMissing,
    DigestMismatch,
    Invalid,
    NotFound,
    TooLarge,
)
from stillhouse.store.blobs import BlobStore, DirectoryBlobs, StoredBlob
from stillhouse.store.soundness import BELIEVED_S, MOST, Soundness

CONTENT = b"the quick brown fox" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LARGE = 1 << 30
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2200, 1, 1, tzinfo=UTC)


def chunks(content=CONTENT, size=777):
    return (content[start : start + size] for start in range(0, len(content), size))


class BlobLaws:
    def test_what_is_put_is_read_back_whole(self, blobs: BlobStore):
        stored = blobs.put(chunks(), max_bytes=LARGE, sha256=DIGEST)

        assert stored == StoredBlob(DIGEST, len(CONTENT))
        assert b"".join(blobs.read(DIGEST)) == CONTENT
        assert b"".join(blobs.read_whole(DIGEST)) == CONTENT
        assert blobs.size(DIGEST) == len(CONTENT)
        assert blobs.verify(DIGEST)
        assert list(blobs.digests()) == [DIGEST]

    @pytest.mark.parametrize(
        ("start", "stop"), [(0, 1), (5, 5), (5, 4), (100, 5000), (18_999, None), (50_000, None)]
    )
    def test_a_range_is_the_bytes_between(self, blobs, start, stop):
        blobs.put(chunks(), max_bytes=LARGE)

        assert b"".join(blobs.read(DIGEST, start, stop)) == CONTENT[start:stop]

    def test_the_same_bytes_twice_are_one_blob(self, blobs):
        first = blobs.put(chunks(), max_bytes=LARGE)
        second = blobs.put(chunks(size=1), max_bytes=LARGE)

        assert first == second
        assert len(list(blobs.digests())) == 1

    def test_no_bytes_at_all_are_a_blob_too(self, blobs):
        stored = blobs.put([], max_bytes=0)

        assert stored.size_bytes == 0
        assert list(blobs.read(stored.sha256)) == []

    def test_other_bytes_than_announced_are_refused_and_leave_nothing(self, blobs):
        with pytest.raises(DigestMismatch):
            blobs.put(chunks(), max_bytes=LARGE, sha256="0" * 64)

        assert list(blobs.digests()) == []

    def test_more_bytes_than_allowed_are_refused_before_the_rest_is_read(self, blobs):
        source = iter([b"x" * 10, b"x" * 10, b"never read"])

        with pytest.raises(TooLarge):
            blobs.put(source, max_bytes=15)
        assert list(source) == [b"never read"]
        assert list(blobs.digests()) == []

    def test_fewer_bytes_than_announced_are_refused_and_leave_nothing(self, blobs):
        with pytest.raises(Invalid, match="19000 bytes; 19001"):
            blobs.put(chunks(), max_bytes=LARGE, min_bytes=len(CONTENT) + 1)

        assert list(blobs.digests()) == []

    def test_a_source_that_breaks_leaves_nothing(self, blobs):
        def broken():
            yield CONTENT
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            blobs.put(broken(), max_bytes=LARGE)
        assert list(blobs.digests()) == []

    def test_a_writer_that_is_not_finished_leaves_nothing(self, blobs):
        with blobs.writer(max_bytes=LARGE) as writer:
            writer.write(CONTENT)

        assert blobs.size(DIGEST) is None

    @pytest.mark.parametrize(
        "digest", ["", "..", "../../../etc/passwd", "/etc/passwd", DIGEST.upper(), DIGEST + "\n"]
    )
    def test_a_digest_that_is_none_reaches_no_file(self, blobs, tmp_path, digest):
        for verb in (blobs.size, blobs.read, blobs.verify, blobs.delete):
            with pytest.raises(Invalid):
                verb(digest)
        with pytest.raises(Invalid):
            blobs.copy_to(digest, tmp_path / "copy")
        with pytest.raises(Invalid):
            blobs.put([], max_bytes=1, sha256=digest)

    def test_a_blob_that_is_not_there_is_said_to_be_missing_at_once(self, blobs, tmp_path):
        with pytest.raises(NotFound):
            blobs.read(DIGEST)
        with pytest.raises(NotFound):
            blobs.copy_to(DIGEST, tmp_path / "copy")
        assert blobs.size(DIGEST) is None
        assert not blobs.delete(DIGEST)
        assert not (tmp_path / "copy").exists()

    def test_a_blob_that_is_not_there_fails_its_check(self, blobs):
        with pytest.raises(BlobMissing):
            blobs.check(DIGEST, len(CONTENT))

    def test_sound_bytes_pass_their_check_and_nothing_is_put_aside(self, blobs):
        blobs.put(chunks(), max_bytes=LARGE)
        blobs.check(DIGEST, len(CONTENT))

        assert [] == list(blobs.quarantined())

    def test_a_copy_is_a_file_of_ones_own(self, blobs, tmp_path):
        blobs.put(chunks(), max_bytes=LARGE)
        blobs.copy_to(DIGEST, tmp_path / "copy")
        (tmp_path / "copy").write_bytes(b"changed")

        assert blobs.verify(DIGEST)

    def test_a_deleted_blob_is_gone_and_can_be_put_again(self, blobs):
        blobs.put(chunks(), max_bytes=LARGE)

        assert blobs.delete(DIGEST)
        assert blobs.size(DIGEST) is None
        blobs.put(chunks(), max_bytes=LARGE)
        assert blobs.verify(DIGEST)

    def test_a_blob_that_was_put_meanwhile_is_not_deleted(self, blobs):
        blobs.put(chunks(), max_bytes=LARGE)

        assert not blobs.delete(DIGEST, put_before=LONG_AGO)
        assert blobs.verify(DIGEST)
        assert blobs.delete(DIGEST, put_before=FAR_AHEAD)


ROTTEN = CONTENT[:-1] + b"!"


def rotten(blobs, change=ROTTEN):
    blobs.put(chunks(), max_bytes=LARGE)
    blobs.path(DIGEST).write_bytes(change)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "blobs"


def files(root: Path):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


class TestDirectoryBlobs(BlobLaws):
    @pytest.fixture
    def blobs(self, root):
        return DirectoryBlobs(root)

    def test_a_blob_lies_under_its_digest_and_nothing_else_does(self, blobs, root):
        blobs.put(chunks(), max_bytes=LARGE)
        with pytest.raises(TooLarge):
            blobs.put(chunks(), max_bytes=1)
        with pytest.raises(DigestMismatch):
            blobs.put(chunks(), max_bytes=LARGE, sha256="0" * 64)

        assert files(root) == [f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}"]

    def test_putting_again_makes_an_old_blob_young(self, blobs):
        blobs.put(chunks(), max_bytes=LARGE)
        os.utime(blobs.path(DIGEST), (0, 0))
        blobs.put(chunks(), max_bytes=LARGE)

        assert not blobs.delete(DIGEST, put_before=LONG_AGO)

    def test_bytes_that_rotted_on_disk_are_noticed(self, blobs, tmp_path):
        rotten(blobs)

        assert not blobs.verify(DIGEST)
        with pytest.raises(BlobCorrupted):
            blobs.copy_to(DIGEST, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()

    @pytest.mark.parametrize(
        "read",
        [
            lambda blobs: list(blobs.read_whole(DIGEST)),
            lambda blobs: blobs.check(DIGEST, len(CONTENT)),
        ],
    )
    @pytest.mark.parametrize("change", [ROTTEN, ROTTEN[:-1], ROTTEN + b"x", b""])
    def test_damaged_bytes_are_put_in_quarantine(self, blobs, root, read, change):
        rotten(blobs, change)

        with pytest.raises(BlobCorrupted):
            read(blobs)
        with pytest.raises(BlobCorrupted):
            read(blobs)
        assert blobs.size(DIGEST) is None
        assert [(DIGEST, len(change))] == [(q.sha256, q.size_bytes) for q in blobs.quarantined()]
        assert files(root) == [f"quarantine/{DIGEST}"]
        assert (root / "quarantine" / DIGEST).read_bytes() == change

    def test_damaged_bytes_never_come_to_their_end(self, blobs):
        rotten(blobs)
        got = b""

        with pytest.raises(BlobCorrupted):
            for chunk in blobs.read_whole(DIGEST):
                got += chunk
        assert len(got) < len(CONTENT)

    def test_what_is_in_quarantine_is_healed_by_putting_it_again(self, blobs):
        rotten(blobs)
        with pytest.raises(BlobCorrupted):
            blobs.check(DIGEST, len(CONTENT))
        blobs.put(chunks(), max_bytes=LARGE)

        blobs.check(DIGEST, len(CONTENT))
        assert list(blobs.digests()) == [DIGEST]

    def test_damage_that_nobody_saw_is_healed_by_putting_it_again(self, blobs):
        rotten(blobs)
        blobs.put(chunks(), max_bytes=LARGE)

        assert blobs.verify(DIGEST)

    def test_bytes_that_came_back_meanwhile_are_not_put_aside(self, blobs):
        rotten(blobs)
        chunks_read = blobs.read_whole(DIGEST)
        blobs.put(chunks(), max_bytes=LARGE)

        with pytest.raises(BlobCorrupted):
            list(chunks_read)
        assert blobs.verify(DIGEST)
        assert [] == list(blobs.quarantined())

    def test_what_was_read_is_believed_for_a_day_unless_it_changes(self, root):
        clock = [0.0]
        blobs = DirectoryBlobs(root, Soundness(lambda: clock[0]))
        blobs.put(chunks(), max_bytes=LARGE)
        blobs.check(DIGEST, len(CONTENT))
        seen, sound = blobs.path(DIGEST).stat(), blobs._sound

        assert sound.is_known(DIGEST, seen)
        clock[0] = BELIEVED_S
        assert not sound.is_known(DIGEST, seen)
        blobs.check(DIGEST, len(CONTENT))
        assert sound.is_known(DIGEST, seen)
        blobs.path(DIGEST).write_bytes(ROTTEN)
        assert not sound.is_known(DIGEST, blobs.path(DIGEST).stat())
        with pytest.raises(BlobCorrupted):
            blobs.check(DIGEST, len(CONTENT))

    def test_only_so_much_is_remembered(self, root):
        root.mkdir()
        seen, sound = root.stat(), Soundness()
        for number in range(MOST + 1):
            sound.remember(str(number), seen)

        assert not sound.is_known("0", seen)
        assert sound.is_known("1", seen)
        assert sound.is_known(str(MOST), seen)

    def test_what_a_dead_writer_left_is_removed_and_a_living_ones_is_not(self, blobs, root):
        (root / "tmp" / "dead").write_bytes(b"half")
        os.utime(root / "tmp" / "dead", (0, 0))
        with blobs.writer(max_bytes=LARGE) as writer:
            writer.write(CONTENT)

            assert blobs.discard_abandoned(datetime.now(UTC) - timedelta(hours=1)) == 1
            writer.finish()
        assert blobs.verify(DIGEST)
        assert files(root / "tmp") == []

    def test_a_full_disk_leaves_nothing(self, blobs, root, monkeypatch):
        def full(_descriptor):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)

        with pytest.raises(OSError, match="No space left"):
            blobs.put(chunks(), max_bytes=LARGE)
        assert files(root) == []
