"""The report of a job, as a page asks for it."""

import json

import pytest

from api.artifacts.examples import REPORT as MEASURED
from stillhouse.domain.keys import Scope
from stillhouse.store.artifacts import MODEL, REPORT
from tests.support.api import sha256
from tests.support.service import TENANT

WRITTEN = json.dumps(MEASURED, indent=1).encode()


@pytest.fixture
def job(service):
    return service.succeeded({MODEL: b"weights", REPORT: WRITTEN})


def test_it_is_the_artifact_byte_for_byte(service, job):
    answer = service.get(f"/v1/jobs/{job}/report")

    assert (200, WRITTEN) == (answer.status_code, answer.content)
    assert "application/json" == answer.headers["Content-Type"]
    assert f'"sha256-{sha256(WRITTEN)}"' == answer.headers["ETag"]
    assert "Content-Disposition" not in answer.headers


def test_who_has_it_is_told_so(service, job):
    tag = service.get(f"/v1/jobs/{job}/report").headers["ETag"]
    again = service.get(f"/v1/jobs/{job}/report", headers={"If-None-Match": tag})

    assert (304, b"", tag) == (again.status_code, again.content, again.headers["ETag"])


def test_before_the_end_there_is_none_and_the_state_is_told(service):
    job = service.world.submit().id
    refused = service.get(f"/v1/jobs/{job}/report")

    assert (409, "job_not_succeeded") == (refused.status_code, refused.json()["code"])
    assert "queued" == refused.json()["current"]


def test_a_job_that_left_none_has_none(service):
    job = service.succeeded({MODEL: b"weights"})

    assert 404 == service.get(f"/v1/jobs/{job}/report").status_code


def test_it_takes_the_scope_of_what_jobs_have_made(service, job):
    key = service.new_key(TENANT, [Scope.JOBS_READ])
    refused = service.get(f"/v1/jobs/{job}/report", key=key)

    assert (403, "artifacts:read") == (refused.status_code, refused.json()["needed"])


def test_damaged_bytes_are_not_shown(service, job):
    service.services.blobs.path(sha256(WRITTEN)).write_bytes(b"{}")
    refused = service.get(f"/v1/jobs/{job}/report")

    assert (500, "blob_corrupted") == (refused.status_code, refused.json()["code"])
