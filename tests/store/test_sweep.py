"""A sweep takes what nobody needs and leaves what somebody does, or is about to."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from stillhouse.store import DirectoryBlobs
from stillhouse.store.sweep import sweep
from tests.support.service import SPENT, TENANT

LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def blobs(tmp_path):
    return DirectoryBlobs(tmp_path / "blobs")


def put(world, blobs, content):
    blobs.put([content], max_bytes=100)
    return world.blob(content)


def test_what_a_model_needs_stays_and_the_rest_goes(world, blobs):
    needed = put(world, blobs, b"weights")
    unneeded = put(world, blobs, b"unneeded")
    stray = blobs.put([b"no row"], max_bytes=100).sha256
    upload = world.uploaded(content=b"weights")
    with world.work() as uow:
        uow.models.create(TENANT, upload.id, name="t", declared={})
    swept = sweep(world.sessions, blobs, LATER, SPENT)

    assert sorted(swept) == sorted([unneeded, stray])
    assert list(blobs.digests()) == [needed]
    assert needed == hashlib.sha256(b"weights").hexdigest()
    assert sweep(world.sessions, blobs, LATER, SPENT) == []


def test_what_was_put_just_now_stays(world, blobs):
    put(world, blobs, b"young")
    blobs.put([b"young and without a row"], max_bytes=100)

    assert sweep(world.sessions, blobs, datetime.now(UTC)) == []
    assert len(list(blobs.digests())) == 2
