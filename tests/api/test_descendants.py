"""Retry and clone over HTTP: a new job with a parent, or everything that is wrong with it."""

import pytest

from stillhouse.domain.failure import ExitClass
from tests.support.api import OTHER
from tests.support.service import checkpoint, document, failure


@pytest.fixture
def failed(service):
    token = service.world.running(name="first", recipe={"epochs": 3})
    with service.work() as uow:
        uow.attempts.save_checkpoint(token, checkpoint(7))
        uow.attempts.fail(token, failure(ExitClass.OOM_HOST))
    return service.get(f"/v1/jobs/{token.job_id}").json()


@pytest.fixture
def nothing_new(failed, unchanged):
    """Nothing but what the test begins with."""


def test_a_failed_job_is_retried_as_a_new_one_from_its_checkpoint(service, failed):
    answer = service.post(f"/v1/jobs/{failed['id']}/retry", {"reason": "again"})
    job = answer.json()
    created = service.get(job["links"]["events"]).json()["data"][0]

    assert (answer.status_code, answer.headers["Location"]) == (202, job["links"]["self"])
    assert (job["state"], job["parent_id"], job["attempt"]) == ("queued", failed["id"], 0)
    assert (job["spec"], job["fingerprint"]) == (failed["spec"], failed["fingerprint"])
    assert (created["data"]["from_step"], created["data"]["reason"]) == (7, "again")
    assert service.get(failed["links"]["self"]).json() == failed


def test_a_retry_from_the_start_has_no_step_to_go_on_from(service, failed):
    job = service.post(f"/v1/jobs/{failed['id']}/retry", {"from_start": True}).json()
    created = service.get(job["links"]["events"]).json()["data"][0]

    assert created["data"]["from_step"] is None


@pytest.mark.usefixtures("nothing_new")
def test_a_retry_of_an_older_version_is_refused(service, failed):
    old = f'W/"j-{failed["version"] - 1}"'
    stale = service.post(f"/v1/jobs/{failed['id']}/retry", headers={"If-Match": old})

    assert (stale.status_code, stale.json()["code"]) == (412, "precondition_failed")


def test_a_job_that_is_not_over_is_not_retried(service):
    job = service.post("/v1/jobs", document()).json()
    problem = service.post(f"/v1/jobs/{job['id']}/retry").json()

    assert (problem["status"], problem["code"]) == (409, "invalid_transition")
    assert (problem["current"], problem["allowed"]) == ("queued", ["cancelled", "paused"])
    assert "cancel it first" in problem["hint"]


def test_a_clone_is_the_specification_with_the_patch_over_it(service, failed):
    patch = {"name": "second", "recipe": {"epochs": 5}, "labels": {"team": "a"}, "teacher": None}
    answer = service.post(f"/v1/jobs/{failed['id']}/clone", {"patch": {**patch, "loss": "ce"}})
    job = answer.json()
    expected = {**failed["spec"], **patch, "loss": "ce"}
    del expected["teacher"]

    assert (answer.status_code, job["parent_id"], job["name"]) == (202, failed["id"], "second")
    assert job["spec"] == expected
    assert job["fingerprint"] != failed["fingerprint"]
    assert service.get(job["links"]["events"]).json()["data"][0]["data"]["from_step"] is None


def test_a_clone_of_any_job_without_a_patch_is_the_same_again(service):
    job = service.post("/v1/jobs", document(name="x")).json()
    copy = service.post(f"/v1/jobs/{job['id']}/clone").json()

    assert (copy["spec"], copy["fingerprint"]) == (job["spec"], job["fingerprint"])
    assert copy["id"] != job["id"]


def test_what_is_wrong_with_a_clone_has_the_pointers_of_the_specification(service, failed):
    patch = {"recipe": {"epochs": 0, "epoch": 1}, "data": {"dataset": "ds_x"}}
    problem = service.post(f"/v1/jobs/{failed['id']}/clone", {"patch": patch}).json()

    assert (problem["status"], problem["code"]) == (422, "invalid_request")
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"/recipe/epochs", "/recipe/epoch", "/data/dataset"}


@pytest.mark.parametrize("patch", [[], "x", None, 1])
@pytest.mark.usefixtures("nothing_new")
def test_a_patch_is_an_object(service, failed, patch):
    answer = service.post(f"/v1/jobs/{failed['id']}/clone", {"patch": patch})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/patch")


@pytest.mark.parametrize("verb", ["retry", "clone"])
def test_another_tenants_job_has_no_descendants(service, failed, verb):
    answer = service.post(f"/v1/jobs/{failed['id']}/{verb}", key=service.new_key(OTHER))

    assert answer.status_code == 404
    assert len(service.get("/v1/jobs").json()["data"]) == 1
