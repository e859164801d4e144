"""What teachers answered is found by who owns it alone, and goes when it is not used any more."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import update

from stillhouse.store.tables import RecordingRow
from tests.support.service import SPENT, TENANT

OTHER = "other"
JOB = "job_" + "0" * 26


def name(word):
    return hashlib.sha256(word.encode()).hexdigest()


def keep(world, word, hint="hint", tenant=TENANT, content=b"answers"):
    blob = world.blob(content)
    with world.work() as uow:
        uow.tenants.ensure(tenant)
        uow.recordings.keep(
            tenant,
            name(word),
            hint=name(hint),
            job_id=JOB,
            blob_sha256=blob,
            size_bytes=len(content),
        )
    return blob


def keys(world, hint="hint", tenant=TENANT):
    with world.work() as uow:
        return [row.key for row in uow.recordings.use(tenant, name(hint))]


def used_at(world, word, moment):
    with world.work() as uow:
        uow._session.execute(
            update(RecordingRow).where(RecordingRow.key == name(word)).values(last_used_at=moment)
        )


@pytest.fixture
def moments(world):
    """Seconds of an hour that is over, by the database's clock."""
    with world.work() as uow:
        now = uow.recordings._now()
    return [now - timedelta(hours=1) + timedelta(seconds=second) for second in range(9)]


def test_it_is_found_by_the_hint_of_its_tenant_alone(world):
    keep(world, "a")

    assert [name("a")] == keys(world)
    assert [] == keys(world, hint="another")
    assert [] == keys(world, tenant=OTHER)


def test_tenants_with_the_same_bytes_have_each_their_own(world):
    blob = keep(world, "a")
    keep(world, "a", tenant=OTHER)
    with world.work() as uow:
        assert 2 == uow.blobs.references(blob)
        uow.recordings.forget(OTHER, name("a"), blob)

    assert [name("a")] == keys(world)
    assert [] == keys(world, tenant=OTHER)


def test_it_is_no_upload_that_anybody_has_made(world):
    blob = keep(world, "a")
    with world.work() as uow:
        assert not uow.blobs.belongs_to(TENANT, blob)


def test_the_last_one_under_a_key_stays_and_the_bytes_before_it_are_nobodys(world):
    first = keep(world, "a", content=b"poison")
    second = keep(world, "a")
    with world.work() as uow:
        (row,) = uow.recordings.use(TENANT, name("hint"))
        assert (second, 7) == (row.blob_sha256, row.size_bytes)
        assert [first] == uow.blobs.unreferenced(SPENT)
        uow.recordings.forget(TENANT, name("a"), first)

    assert [name("a")] == keys(world)


def test_the_one_that_was_used_last_is_the_first_and_there_is_an_end_to_them(world, moments):
    for place, word in enumerate("abcde"):
        keep(world, word)
        used_at(world, word, moments[place])

    assert [name("e"), name("d"), name("c")] == keys(world)


def test_what_was_not_used_for_longest_goes_first_and_never_another_tenants(world, moments):
    for place, word in enumerate("abcd"):
        keep(world, word)
        used_at(world, word, moments[place])
    keep(world, "old", tenant=OTHER)
    used_at(world, "old", moments[0])
    with world.work() as uow:
        assert 2 == uow.recordings.evict(2 * len(b"answers"))

    assert [name("d"), name("c")] == keys(world)
    assert [name("old")] == keys(world, tenant=OTHER)


def test_use_is_what_keeps_it(world, moments):
    for place, word in enumerate("ab"):
        keep(world, word, hint=word)
        used_at(world, word, moments[place])
    keys(world, hint="a")
    with world.work() as uow:
        uow.recordings.evict(len(b"answers"))

    assert ([name("a")], []) == (keys(world, hint="a"), keys(world, hint="b"))


def test_nothing_is_kept_where_there_is_no_room_for_it(world):
    keep(world, "a")
    with world.work() as uow:
        assert 1 == uow.recordings.evict(0)
        assert 0 == uow.recordings.evict(0)
