"""Probes: whether the process runs, and whether it can do its work."""

import shutil
import socket
import time

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from tests.support.valkey import Valkey


@pytest.fixture
def healthy(settings):
    with Valkey() as broker:
        yield settings.model_copy(update={"broker_url": broker.url})


def readiness(settings):
    with TestClient(create_app(settings)) as client:
        answer = client.get("/readyz")
        assert client.get("/livez").json() == {"status": "ok"}
    return answer.status_code, answer.json()


def test_with_everything_there_it_is_ready(healthy):
    status, answer = readiness(healthy)

    assert (status, answer["status"]) == (200, "ok")
    assert {name: check["ok"] for name, check in answer["checks"].items()} == {
        "database": True,
        "broker": True,
        "blobs": True,
    }


def test_without_a_broker_it_is_not_ready(settings):
    status, answer = readiness(settings)

    assert (status, answer["status"]) == (503, "unavailable")
    assert answer["checks"]["broker"] == {"ok": False, "detail": "did not answer"}
    assert answer["checks"]["database"]["ok"]


def test_a_database_without_the_schema_of_this_release_is_told(healthy, tmp_path):
    empty = healthy.model_copy(update={"database_url": f"sqlite:///{tmp_path}/empty.db"})
    status, answer = readiness(empty)

    assert status == 503
    assert "migrate" in answer["checks"]["database"]["detail"]


def test_what_is_wrong_is_told_without_addresses(settings, tmp_path):
    nowhere = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/no/where.db"})
    status, answer = readiness(nowhere)

    assert status == 503
    assert answer["checks"]["database"] == {"ok": False, "detail": "did not answer"}
    assert str(tmp_path) not in str(answer)


def test_a_blob_folder_that_is_gone_is_told(service):
    shutil.rmtree(service.services.settings.blobs)
    answer = service.client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["blobs"]["ok"] is False


def test_a_broker_that_hangs_is_not_waited_for(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        status, _ = readiness(settings.model_copy(update={"broker_url": url}))

    assert status == 503
    assert time.monotonic() - began < 10


def test_a_writer_does_not_make_it_unready(service):
    with service.work():
        checks = service.client.get("/readyz").json()["checks"]

    assert checks["database"]["ok"]
