"""What was answered is in the database: a commit that fails is never a 2xx."""

import pytest
from sqlalchemy import event

from api.main import ROUTERS
from api.once import acting
from api.unit import reading, writing
from tests.support.service import TENANT, document

UNITS = {reading, writing, acting}

# Rows that point nowhere, which SQLite notices when it commits, and not before.
TRAP = """
CREATE TABLE trap (job_id TEXT REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TRIGGER spring AFTER INSERT ON job BEGIN INSERT INTO trap VALUES ('nobody'); END;
CREATE TRIGGER snap AFTER INSERT ON model BEGIN INSERT INTO trap VALUES ('nobody'); END;
"""


@pytest.fixture
def failing_commit(service):
    def fail(_session):
        raise RuntimeError("the disk caught fire")

    event.listen(service.services.sessions, "before_commit", fail)
    yield
    event.remove(service.services.sessions, "before_commit", fail)


def jobs(service):
    with service.work() as uow:
        return list(uow.jobs.page(TENANT).items)


@pytest.mark.usefixtures("failing_commit")
def test_a_commit_that_fails_is_a_500_and_leaves_no_row(service):
    answer = service.post("/v1/jobs", document())

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "Location" not in answer.headers


def test_nothing_is_there_after_a_commit_that_failed(service):
    upload = service.uploaded()
    with service.work() as uow:
        connection = uow._session.connection().connection.driver_connection
        connection.executescript(TRAP)
    before = service.everything()
    job = service.post("/v1/jobs", document())
    model = service.post("/v1/models", {"upload": upload, "name": "x", "architecture": "resnet18"})

    assert (job.status_code, job.json()["code"]) == (503, "unavailable")
    assert model.status_code == 503
    assert before == service.everything()


def test_what_was_answered_can_be_read_at_once(service):
    answer = service.post("/v1/jobs", document())

    assert service.get(answer.headers["Location"]).json() == answer.json()
    assert [answer.json()["id"]] == [job.id for job in jobs(service)]


def test_the_unit_of_work_is_what_an_endpoint_asks_for_last():
    """On SQLite it holds the write lock, which nobody may hold while a body is on its way."""
    asked = {
        route.name: [dependency.call for dependency in route.dependant.dependencies]
        for router in ROUTERS
        for route in router.routes
    }
    with_unit = {name: calls for name, calls in asked.items() if UNITS & {*calls}}

    assert len(with_unit) > 15
    assert [name for name, calls in with_unit.items() if calls[-1] not in UNITS] == []
