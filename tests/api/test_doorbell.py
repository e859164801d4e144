"""The bell is rung after the commit, and nobody waits for it."""

import time

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.main import create_app
from stillhouse.store.tables import OutboxRow
from tests.support.api import Service
from tests.support.service import document
from tests.support.valkey import Valkey


@pytest.fixture
def broker():
    with Valkey() as valkey:
        yield valkey


@pytest.fixture
def settings(settings, broker):
    return settings.model_copy(update={"broker_url": broker.url})


def until(claim):
    deadline = time.monotonic() + 30
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def bells(service):
    with service.work() as uow:
        return {bell.subject: bell.rings for bell in uow.outbox._all(select(OutboxRow))}


def test_new_work_is_rung_for_and_its_bell_waits_before_it_is_rung_again(service, broker):
    job = service.post("/v1/jobs", document(resources={"device": "cpu"})).json()["id"]
    until(lambda: broker.ask("LLEN cpu") == ":1")
    model = service.new_model()
    until(lambda: broker.ask("LLEN cpu") == ":2")
    until(lambda: bells(service) == {job: 1, model: 1})

    with service.work() as uow:
        assert uow.outbox.due() == []


def test_a_job_for_any_device_is_told_to_all(service, broker):
    service.post("/v1/jobs", document())

    until(lambda: (broker.ask("LLEN cpu"), broker.ask("LLEN gpu")) == (":1", ":1"))


def test_what_was_refused_is_not_rung_for(service, broker):
    service.post("/v1/jobs", document(loss="kdd"))
    service.post("/v1/jobs", document())

    until(lambda: broker.ask("LLEN gpu") == ":1")
    assert broker.ask("LLEN cpu") == ":1"


def test_a_broker_that_is_away_fails_no_request_and_its_bell_stays_due(service, broker, logged):
    broker.kill()
    job = service.post("/v1/jobs", document()).json()["id"]
    until(lambda: any(entry["event"] == "bell.unheard" for entry in logged))
    with service.work() as uow:
        due = uow.outbox.due()

    assert [(bell.subject, bell.rings) for bell in due] == [(job, 0)]


def test_a_broker_that_comes_back_is_rung_again(service, broker):
    service.post("/v1/jobs", document())
    until(lambda: broker.ask("LLEN cpu") == ":1")
    broker.kill()
    service.post("/v1/jobs", document())
    broker.start()

    def rung():
        service.post("/v1/jobs", document())
        return broker.ask("LLEN cpu") not in {"", ":0"}

    until(rung)


def test_closing_does_not_wait_for_what_was_not_rung(settings, broker, key):
    broker.kill()
    began = time.monotonic()
    app = create_app(settings)
    with TestClient(app) as client:
        service = Service(app, client, key)
        for _ in range(20):
            service.post("/v1/jobs", document())

    assert time.monotonic() - began < 20
