"""The plan of an upload: every byte once, in parts that the service expects."""

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from stillhouse.client.uploads import OpenUploads, content_digest, stretches


@given(st.integers(1, 10_000), st.integers(1, 500))
def test_the_parts_cover_every_byte_once(size, part_size):
    plan = list(stretches(size, part_size))

    assert [stretch.number for stretch in plan] == list(range(1, len(plan) + 1))
    assert [stretch.start for stretch in plan] == list(range(0, size, part_size))
    assert sum(stretch.length for stretch in plan) == size
    assert {stretch.length for stretch in plan[:-1]} <= {part_size}


@given(st.binary(max_size=100))
def test_a_digest_is_written_as_the_standard_has_it(content):
    name, encoded = content_digest(content).rstrip(":").split("=:")

    assert name == "sha-256"
    assert base64.b64decode(encoded) == hashlib.sha256(content).digest()


def test_an_upload_that_was_begun_is_remembered_until_it_is_complete(tmp_path):
    notes = OpenUploads(tmp_path / "uploads")
    notes.keep("http://a", "model", "0" * 64, "upl_1")
    found = OpenUploads(tmp_path / "uploads").find("http://a", "model", "0" * 64)
    notes.forget("http://a", "model", "0" * 64)

    assert found == "upl_1"
    assert notes.find("http://a", "model", "0" * 64) is None


def test_it_is_remembered_for_one_service_and_one_kind(tmp_path):
    notes = OpenUploads(tmp_path)
    notes.keep("http://a", "model", "0" * 64, "upl_1")

    assert notes.find("http://b", "model", "0" * 64) is None
    assert notes.find("http://a", "dataset", "0" * 64) is None


def test_where_nothing_can_be_remembered_uploads_work_all_the_same(tmp_path):
    (tmp_path / "file").touch()
    for notes in (OpenUploads(None), OpenUploads(tmp_path / "file" / "uploads")):
        notes.keep("http://a", "model", "0" * 64, "upl_1")

        assert notes.find("http://a", "model", "0" * 64) is None
