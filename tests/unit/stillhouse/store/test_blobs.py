"""Blobs are whole or not there, under their own digest and nowhere else.

Every store of blobs has to pass `BlobLaws`; a new one adds a class with its fixture.
"""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stillhouse.domain.errors import DigestMismatch, Invalid, NotFound, TooLarge
from stillhouse.store.blobs import BlobStore, DirectoryBlobs, StoredBlob

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
        blobs.put(chunks(), max_bytes=LARGE)
        blobs.path(DIGEST).write_bytes(b"rotten")

        assert not blobs.verify(DIGEST)
        with pytest.raises(DigestMismatch):
            blobs.copy_to(DIGEST, tmp_path / "copy")
        assert not (tmp_path / "copy").exists()

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
