"""The verdict of a job: pending, then one word and every gate with its number."""

import pytest

from kd_core.report import GateResult
from stillhouse.domain.failure import ExitClass
from tests.support.api import OTHER
from tests.support.service import document, failure

ASKED = [
    {"metric": "top1", "op": ">=", "value": 0.9, "of": "student"},
    {"metric": "top5", "op": ">=", "value": 0.99, "of": "safetensors"},
]
FOUND = [
    ASKED[0] | {"measured": 0.94, "passed": True},
    ASKED[1] | {"passed": False, "reason": "top5 of safetensors was not measured"},
]
NOTHING = {"measured": None, "passed": None, "reason": None}


@pytest.fixture
def token(service):
    return service.world.running(gates=ASKED)


def verdict(service, job_id):
    answer = service.get(f"/v1/jobs/{job_id}/verdict")

    assert answer.status_code == 200
    return answer.json()


def test_it_is_pending_and_tells_what_was_asked_until_the_job_is_over(service):
    job = service.post("/v1/jobs", document(gates=ASKED)).json()["id"]

    assert {
        "verdict": "pending",
        "gates": [gate | NOTHING for gate in ASKED],
    } == verdict(service, job)


def test_a_job_that_succeeded_has_every_gate_with_its_number(service, token):
    with service.work() as uow:
        uow.attempts.succeed(token, "failed", FOUND)

    assert {"verdict": "failed", "gates": [NOTHING | gate for gate in FOUND]} == verdict(
        service, token.job_id
    )
    job = service.get(f"/v1/jobs/{token.job_id}").json()
    assert ("succeeded", "failed") == (job["state"], job["verdict"])


def test_a_job_that_failed_has_no_verdict_and_still_says_what_was_asked(service, token):
    with service.work() as uow:
        uow.attempts.fail(token, failure(ExitClass.USER_ERROR))

    assert {
        "verdict": "not_evaluated",
        "gates": [gate | NOTHING for gate in ASKED],
    } == verdict(service, token.job_id)


def test_a_job_without_gates_has_no_verdict(service):
    token = service.world.running()
    with service.work() as uow:
        uow.attempts.succeed(token, "not_evaluated")

    assert {"verdict": "not_evaluated", "gates": []} == verdict(service, token.job_id)


def test_a_job_of_somebody_else_is_not_there(service, token):
    path = f"/v1/jobs/{token.job_id}/verdict"

    assert 404 == service.get(path, key=service.new_key(OTHER)).status_code
    assert 404 == service.get("/v1/jobs/job_x/verdict").status_code


def test_a_gate_looks_as_it_does_in_the_report(service):
    schema = service.client.get("/openapi.json").json()["components"]["schemas"]["GateOutcome"]

    assert set(GateResult.model_fields) == set(schema["properties"]) == set(schema["required"])
