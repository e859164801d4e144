"""A job is held on to while the database hiccups, and let go when the lease must be over."""

from dataclasses import replace

import pytest

from stillhouse.domain.errors import StaleAttempt
from stillhouse.domain.job import Desired
from stillhouse.store import create_engine, session_factory
from tests.support.service import TENANT
from worker.hold import Hold, LeaseOver
from worker.station import Station

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def token(service):
    return service.running(service.settings.lease_ttl)


@pytest.fixture
def station(service, token):
    made = Station.of(service.settings, token.worker_id, ["cpu"])
    yield made
    made.sessions.kw["bind"].dispose()


@pytest.fixture
def away(station):
    """The same place when its database does not answer."""
    engine = create_engine(NOWHERE)
    yield replace(station, sessions=session_factory(engine))
    engine.dispose()


def test_orders_are_read_at_once_and_the_lease_is_renewed_in_time(service, station, token, clock):
    hold = Hold(station, token, clock.now, clock)
    before = service.job(token.job_id).lease_until
    with service.work() as uow:
        uow.steering.cancel(TENANT, token.job_id)

    assert Desired.CANCELLED is hold.look().desired
    assert before == service.job(token.job_id).lease_until
    clock.now += service.settings.lease_renew_s
    hold.look()
    assert before < service.job(token.job_id).lease_until


def test_a_token_that_is_not_the_rows_any_more_stops_at_once(service, station, token, clock):
    hold = Hold(station, token, clock.now, clock)
    with service.work() as uow:
        uow.attempts.succeed(token, "not_evaluated")

    with pytest.raises(StaleAttempt):
        hold.look()
    with pytest.raises(StaleAttempt):
        hold.try_to(lambda uow: uow.attempts.report(token, 1))


def test_without_a_database_the_last_orders_hold_until_the_lease_is_over(away, token, clock):
    hold = Hold(away, token, clock.now, clock)
    clock.now += away.settings.lease_ttl_s - 0.1

    assert Desired.RUNNING is hold.look().desired
    assert not hold.try_to(lambda uow: uow.attempts.report(token, 1))
    clock.now += 0.2
    with pytest.raises(LeaseOver):
        hold.look()
    with pytest.raises(LeaseOver):
        hold.insist(lambda uow: uow.attempts.report(token, 1))
