"""When a worker is told to drain, and how it finds its way out."""

import threading

import pytest

from stillhouse.store.tables.machinery import WorkerState
from stillhouse.store.workers import Workers
from tests.support.service import failure
from worker import membership
from worker.membership import Membership

PATIENCE_S = 60


class Exit:
    """What was asked of the process, in order, each thing once."""

    def __init__(self):
        self.asked = []
        self.ended = threading.Event()

    def no_more_bells(self):
        self._ask("no more bells")

    def with_everything_done(self):
        self._ask("everything done")
        self.ended.set()

    def with_supervisors_killed(self):
        self._ask("supervisors killed")
        self.ended.set()

    def _ask(self, what):
        if what not in self.asked:
            self.asked.append(what)


@pytest.fixture
def way_out():
    return Exit()


@pytest.fixture
def member(service, way_out):
    one = Membership(service.settings)
    one.join("w", host="here", queues=["cpu"], slots=1, way_out=way_out)
    yield one
    one.leave()


@pytest.fixture
def token(service, member):  # noqa: ARG001 - who claims it is there
    """Of a job in the member's hands."""
    service.submit()
    claim = service.claim(row_of(service).id)
    with service.work() as uow:
        uow.attempts.start(claim.token)
    return claim.token


def row_of(service):
    with service.work() as uow:
        return uow.workers.present()[0]


def draining(service):
    return row_of(service).state == WorkerState.DRAINING


def test_with_nothing_in_hand_it_is_done_at_once(member, way_out):
    member.drain()

    assert way_out.ended.wait(PATIENCE_S)
    assert ["no more bells", "everything done"] == way_out.asked


def test_with_a_job_in_hand_it_waits_until_that_is_given_back(service, member, token, way_out):
    member.drain()
    service.wait(lambda: draining(service), "it does not drain")
    waited = list(way_out.asked)
    with service.work() as uow:
        uow.attempts.fail(token, failure())

    assert ["no more bells"] == waited
    assert way_out.ended.wait(PATIENCE_S)
    assert ["no more bells", "everything done"] == way_out.asked


def test_what_is_not_given_back_in_time_is_taken(monkeypatch, service, member, token, way_out):
    monkeypatch.setattr(membership, "AFTER_CHECKPOINT_S", -service.settings.checkpoint_grace_s)
    member.drain()

    assert way_out.ended.wait(PATIENCE_S)
    assert ["no more bells", "supervisors killed"] == way_out.asked
    assert service.job(token.job_id).lease_owner == token.worker_id


def test_who_was_told_before_joining_leaves_when_it_has_joined(service, way_out):
    early = Membership(service.settings)
    early.drain()
    early.join("w", host="here", queues=["cpu"], slots=1, way_out=way_out)

    assert way_out.ended.wait(PATIENCE_S)
    early.leave()


@pytest.mark.usefixtures("member")
def test_who_was_given_up_goes(service, way_out):
    service.worker("w")  # a new life of the same name

    assert way_out.ended.wait(PATIENCE_S)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.usefixtures("member")
def test_a_heartbeat_that_broke_ends_the_worker(monkeypatch, way_out):
    monkeypatch.setattr(Workers, "heartbeat", None)

    assert way_out.ended.wait(PATIENCE_S)
    assert ["supervisors killed"] == way_out.asked
