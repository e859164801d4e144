"""One id from the request that makes a job to the job itself."""

import pytest

from tests.support.service import document

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def made_by(service, answer):
    (created, *_) = service.get(f"/v1/jobs/{answer.json()['id']}/events").json()["data"]
    assert "job.created" == created["type"]
    return {name: created["data"].get(name) for name in ("request_id", "traceparent")}


def test_a_job_says_which_request_and_which_trace_it_comes_from(service):
    headers = {"X-Request-Id": "ci-run-17", "traceparent": TRACE}
    job = service.post("/v1/jobs", document(), headers=headers)
    clone = service.post(f"/v1/jobs/{job.json()['id']}/clone", {}, headers=headers)

    known = {"request_id": "ci-run-17", "traceparent": TRACE}
    assert [known, known] == [made_by(service, job), made_by(service, clone)]


@pytest.mark.parametrize("hostile", ["00-\x1b[31m", "a" * 5000, "ff 1 1", "'; DROP TABLE job"])
def test_what_is_no_id_reaches_no_job(service, hostile):
    headers = {"X-Request-Id": hostile, "traceparent": hostile}
    answer = service.post("/v1/jobs", document(), headers=headers)
    minted = answer.headers["X-Request-Id"]

    assert minted.startswith("req_")
    assert {"request_id": minted, "traceparent": None} == made_by(service, answer)
