"""What is asked twice under one Idempotency-Key is done once, and answered twice alike."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from tests.support.api import OTHER
from tests.support.service import TENANT, document

ONCE = {"Idempotency-Key": "ci-run-4711"}


def submit(service, headers=ONCE, **changes):
    return service.post("/v1/jobs", document(**changes), headers=headers)


def jobs(service):
    return service.get("/v1/jobs").json()["data"]


def test_a_repetition_gets_the_first_answer_and_makes_nothing(service):
    first, second = submit(service), submit(service)

    assert (first.status_code, second.status_code) == (202, 202)
    assert second.content == first.content
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(jobs(service)) == 1


def test_the_first_answer_is_given_whatever_became_of_the_job(service):
    job = submit(service).json()
    service.post(f"{job['links']['self']}/cancel")

    assert submit(service).json() == job
    assert service.get(job["links"]["self"]).json()["state"] == "cancelled"


def test_another_body_under_the_same_key_is_refused(service):
    submit(service)
    problem = submit(service, name="another").json()

    assert (problem["status"], problem["code"]) == (422, "idempotency_key_reused")
    assert len(jobs(service)) == 1


def test_a_key_is_of_one_address_and_of_one_api_key(service):
    job = submit(service).json()
    clone = service.post(f"{job['links']['self']}/clone", headers=ONCE)
    again = service.post(f"{job['links']['self']}/clone", headers=ONCE)
    stranger = service.post("/v1/jobs", document(), headers=ONCE, key=service.new_key(OTHER))

    assert clone.json()["id"] == again.json()["id"] != job["id"]
    assert "Idempotency-Replayed" not in stranger.headers
    assert len(jobs(service)) == 2


def test_what_was_refused_may_be_asked_again_under_its_key(service):
    wrong = submit(service, recipe={"epochs": 0})
    right = submit(service)

    assert (wrong.status_code, right.status_code) == (422, 202)
    assert "Idempotency-Replayed" not in right.headers


def test_a_verb_says_again_what_it_said_first(service):
    job = submit(service, headers={}).json()
    here = job["links"]["self"]
    paused = service.post(f"{here}/pause", headers=ONCE)
    service.post(f"{here}/resume")
    again = service.post(f"{here}/pause", headers=ONCE)

    assert (again.status_code, again.content) == (202, paused.content)
    assert service.get(here).json()["state"] == "queued"


def test_a_retry_whose_answer_was_lost_makes_one_job(service):
    job = submit(service, headers={}).json()
    service.post(f"{job['links']['self']}/cancel")
    retried = [service.post(f"{job['links']['self']}/retry", headers=ONCE) for _ in range(3)]

    assert len({answer.json()["id"] for answer in retried}) == 1
    assert len(jobs(service)) == 2


def test_models_data_sets_and_uploads_are_made_once_too(service):
    body = {"upload": service.uploaded(), "name": "m", "architecture": "resnet18"}
    models = [service.post("/v1/models", body, headers=ONCE) for _ in range(2)]
    announced = {"kind": "dataset", "filename": "x.zip", "bytes": 7, "sha256": "0" * 64}
    uploads = [service.post("/v1/uploads", announced, headers=ONCE) for _ in range(2)]

    for first, second in (models, uploads):
        assert first.is_success
        assert (second.status_code, second.content) == (first.status_code, first.content)
        assert second.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("word", ["", "a b", "x" * 256])
def test_a_key_that_cannot_be_one_is_refused(service, word):
    answer = submit(service, headers={"Idempotency-Key": word})

    assert (answer.status_code, len(jobs(service))) == (422, 0)
    assert answer.json()["errors"][0]["pointer"].lower() == "/header/idempotency-key"


def test_an_answer_that_could_not_be_committed_is_not_kept(service):
    def fail(_session):
        raise RuntimeError("the disk caught fire")

    event.listen(service.services.sessions, "before_commit", fail)
    failed = submit(service)
    event.remove(service.services.sessions, "before_commit", fail)
    after = submit(service)

    assert (failed.status_code, after.status_code) == (500, 202)
    assert "Idempotency-Replayed" not in after.headers


def test_many_at_once_make_as_many_jobs_as_there_are_keys(service):
    keys, threads = 10, 8
    barrier = threading.Barrier(threads)

    def ask(number):
        barrier.wait()
        return [
            submit(service, headers={"Idempotency-Key": f"key-{(number + n) % keys}"})
            for n in range(keys)
        ]

    with ThreadPoolExecutor(threads) as pool:
        answers = [answer for found in pool.map(ask, range(threads)) for answer in found]
    made = {json.loads(answer.content)["id"] for answer in answers}

    assert {answer.status_code for answer in answers} == {202}
    assert len(made) == keys
    assert made == {job["id"] for job in jobs(service)}


def test_kept_answers_go_when_they_are_too_old(service):
    submit(service)
    with service.work() as uow:
        uow._session.connection().exec_driver_sql(
            "UPDATE idempotency_key SET expires_at = created_at"
        )
        purged = uow.idempotency.purge()

    assert purged == 1
    assert "Idempotency-Replayed" not in submit(service).headers
    with service.work() as uow:
        assert len(uow.jobs.page(TENANT).items) == 2


@pytest.mark.parametrize("job", ["%00", "x" * 600, "%C3%A4"], ids=["nul", "long", "not ascii"])
def test_what_cannot_be_there_is_not_there_with_a_key_either(api_process, job):
    answer = api_process.client.post(f"/v1/jobs/{job}/cancel", headers=ONCE)

    assert 404 == answer.status_code
