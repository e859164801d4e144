"""Links: who has made one, for what, and how long it is good, on either database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from stillhouse.domain import links
from stillhouse.domain.errors import LinkExpired, LinkInvalid
from stillhouse.domain.links import LIFETIME, Grant
from stillhouse.store.clock import later
from stillhouse.store.links import SIGNS_FOR
from stillhouse.store.tables import SigningKeyRow
from tests.support.service import TENANT

MANY_DAYS = (SIGNS_FOR + timedelta(days=1)).total_seconds()
GRANT = Grant("shop", "art_1", datetime(2027, 1, 1, tzinfo=UTC))
SECRET = bytes(range(32))


def make(world, artifact="art_1"):
    with world.work() as uow:
        return uow.links.make(TENANT, artifact)


def granted(world, token):
    with world.work() as uow:
        return uow.links.granted(token)


def keys(world):
    with world.work() as uow:
        return list(uow._session.scalars(select(SigningKeyRow)))


def grow_old(world, seconds):
    with world.work() as uow:
        uow._session.execute(update(SigningKeyRow).values(created_at=later(-seconds)))


def test_a_link_opens_what_it_was_made_for_and_for_five_minutes(world):
    before = datetime.now(UTC)
    token, grant = make(world)

    assert granted(world, token) == grant
    assert (grant.tenant_id, grant.artifact_id) == (TENANT, "art_1")
    assert abs(before + LIFETIME - grant.expires_at) < timedelta(seconds=10)


def test_all_links_are_signed_with_one_key_that_is_kept(world):
    first, _ = make(world)
    second, _ = make(world, "art_2")

    assert 1 == len(keys(world))
    assert granted(world, first).artifact_id == "art_1"
    assert granted(world, second).artifact_id == "art_2"


def test_an_old_key_signs_no_more_and_is_kept_while_its_links_are_good(world):
    make(world)
    grow_old(world, SIGNS_FOR.total_seconds() + 1)
    [old] = keys(world)
    token = links.signed(make(world)[1], old.id, bytes.fromhex(old.secret))

    assert 2 == len(keys(world))
    assert granted(world, token).artifact_id == "art_1"
    grow_old(world, MANY_DAYS)
    make(world)
    assert 1 == len(keys(world))
    with pytest.raises(LinkInvalid):
        granted(world, token)


def test_a_link_whose_time_is_over_says_so(world):
    make(world)
    [key] = keys(world)
    over = Grant(TENANT, "art_1", datetime.now(UTC) - timedelta(seconds=1))
    token = links.signed(over, key.id, bytes.fromhex(key.secret))

    with pytest.raises(LinkExpired):
        granted(world, token)


def test_a_link_of_another_service_is_none(world):
    make(world)
    [key] = keys(world)
    for token in (
        links.signed(GRANT, key.id, SECRET),
        links.signed(GRANT, "sgn_0", bytes(32)),
        links.signed(GRANT, "", b""),
    ):
        with pytest.raises(LinkInvalid):
            granted(world, token)


@given(place=st.integers(0, 1000), letter=st.sampled_from("aZ09-_.=/ \n"))
def test_no_character_of_a_link_can_be_another(place, letter):
    token = links.signed(GRANT, "sgn_1", SECRET)
    place %= len(token)
    other = token[:place] + letter + token[place + 1 :]
    claimed = links.read(other)

    assert links.read(token).is_signed_with(SECRET)
    assert other == token or claimed is None or not claimed.is_signed_with(SECRET)


@given(st.text(max_size=200))
def test_whatever_is_no_link_is_none(text):
    assert links.read(text) is None
