"""What a poller learns at one glance is what a unit of work would tell it."""

import pytest

from stillhouse.domain.errors import NotFound, Unauthenticated, Unavailable
from stillhouse.domain.keys import Scope
from stillhouse.domain.realm import Realm
from stillhouse.store import Glances, create_engine
from stillhouse.store.standing import Standing
from tests.support.service import TENANT


def token_of(world, realm):
    with world.work() as uow:
        return uow.keys.create(realm, "poller", [Scope.JOBS_READ])[1]


def told(world, token, job_id):
    with world.work() as uow:
        who = uow.keys.authenticate(token)
        try:
            return who, uow.standings.of(who.realm, job_id)
        except NotFound:
            return who, None


@pytest.mark.parametrize(
    "realm", [TENANT, Realm(TENANT, "vision"), Realm(TENANT, "speech"), "other"], ids=str
)
def test_it_is_what_a_unit_of_work_tells(world, engine, realm):
    if realm == "other":
        with world.work() as uow:
            uow.tenants.ensure("other")
    token, job = token_of(world, realm), world.submit(project="vision")

    for job_id in (job.id, "job_" + "0" * 26, "", "%", "é"):
        assert told(world, token, job_id) == Glances(engine).at(token, job_id)


def test_it_sees_what_was_written_just_before(world, engine):
    glances, token = Glances(engine), token_of(world, TENANT)
    job_id = world.running().job_id
    before = glances.at(token, job_id).standing
    with world.work() as uow:
        uow.steering.cancel(TENANT, job_id)

    after = glances.at(token, job_id).standing
    assert isinstance(before, Standing)
    assert after.version > before.version


def test_a_job_in_the_trash_is_gone(world, engine):
    token, job_id = token_of(world, TENANT), world.submit().id
    with world.work() as uow:
        uow.steering.cancel(TENANT, job_id)
    with world.work() as uow:
        uow.trash.put(TENANT, job_id)

    assert Glances(engine).at(token, job_id).standing is None


def test_a_key_that_is_not_good_is_refused(world, engine):
    token, job_id = token_of(world, TENANT), world.submit().id
    with world.work() as uow:
        uow.keys.revoke(TENANT, uow.keys.authenticate(token).key_id)
    another = token_of(world, TENANT)
    wrong = another[:-1] + ("0" if another[-1] != "0" else "1")

    for refused in (token, wrong, "", "sh_live_"):
        with pytest.raises(Unauthenticated):
            Glances(engine).at(refused, job_id)


def test_units_of_work_after_it_write_as_before(world, engine):
    """It borrows a connection that others write with."""
    token = token_of(world, TENANT)
    for _ in range(3):
        job = world.submit()
        Glances(engine).at(token, job.id)

    with pytest.raises(RuntimeError, match="not kept"), world.work() as uow:
        uow.steering.cancel(TENANT, job.id)
        raise RuntimeError("not kept")
    assert world.job(job.id).state == "queued"


def test_a_database_that_is_away_is_said_to_be(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/no/such/folder.db")

    with pytest.raises(Unavailable, match="did not answer"):
        Glances(engine).at("sh_live_x", "job_1")
