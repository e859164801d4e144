"""The plan of an upload: every byte once, in parts that the service expects."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhouse.client.uploads import Begun, OpenUploads, content_digest, stretches

BEGUN = Begun("http://a", "model", "0" * 64)


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
    notes.keep(BEGUN, "upl_1")
    found = OpenUploads(tmp_path / "uploads").find(BEGUN)
    notes.forget(BEGUN)

    assert found == "upl_1"
    assert notes.find(BEGUN) is None


@pytest.mark.parametrize(
    "other", [{"url": "http://b"}, {"kind": "dataset"}, {"sha256": "1" * 64}, {"project": "b"}]
)
@pytest.mark.parametrize("project", [None, "a"])
def test_it_is_remembered_for_one_service_one_kind_and_one_project(tmp_path, project, other):
    notes = OpenUploads(tmp_path)
    begun = BEGUN._replace(project=project)
    notes.keep(begun, "upl_1")

    assert notes.find(begun._replace(**other)) is None
    assert notes.find(begun) == "upl_1"


def test_where_nothing_can_be_remembered_uploads_work_all_the_same(tmp_path):
    (tmp_path / "file").touch()
    for notes in (OpenUploads(None), OpenUploads(tmp_path / "file" / "uploads")):
        notes.keep(BEGUN, "upl_1")

        assert notes.find(BEGUN) is None
