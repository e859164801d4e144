"""The road of a job on PostgreSQL: worker, reconciler and API, with a trainer killed on the way."""

import os
import signal

import pytest
from starlette.testclient import TestClient

from api.main import create_app
from stillhouse.domain.job import State
from stillhouse.domain.keys import USER_SCOPES
from stillhouse.store import upgrade
from tests.support.postgres import postgres
from tests.support.service import TENANT
from tests.support.service_processes import Service
from tests.support.valkey import Valkey

MODEL = "safetensors/model.safetensors"


@pytest.fixture
def service(tmp_path):
    with postgres() as url, Valkey() as broker:
        upgrade(url)
        with Service(tmp_path, broker, database_url=url) as running:
            yield running


@pytest.mark.slow
def test_a_killed_job_goes_on_and_is_served(service):
    service.start_worker()
    service.start_reconciler()
    job = service.training(epochs=40, checkpoint_every_s=0.2)
    service.wait_for_training(job.id)
    (trainer,) = service.trainers()
    os.kill(trainer, signal.SIGKILL)
    over = service.wait_for_end(job.id)
    with service.work() as uow:
        _, key = uow.keys.create(TENANT, "e2e", USER_SCOPES)
    with TestClient(create_app(service.settings)) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        shown = client.get(f"/v1/jobs/{job.id}").json()
        told = client.get(f"/v1/jobs/{job.id}/events", params={"limit": 1000}).json()["data"]
        listed = client.get(f"/v1/jobs/{job.id}/artifacts").json()["data"]
        links = {artifact["name"]: artifact["links"]["content"] for artifact in listed}
        weights = client.get(links[MODEL]).content

    assert (over.state, shown["state"], shown["attempt"]) == (State.SUCCEEDED, "succeeded", 2)
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    assert weights == service.artifact(job.id, MODEL)
