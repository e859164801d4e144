"""The same science submitted again: run, reused or refused; and where a job waits."""

import pytest

from tests.support.service import document


def submit(service, **changes):
    return service.post("/v1/jobs", document(**changes))


@pytest.fixture
def first(service):
    return submit(service, name="first").json()


def test_as_a_rule_it_runs_again(service, first):
    again = submit(service)

    assert again.status_code == 202
    assert again.json()["id"] != first["id"]
    assert again.json()["fingerprint"] == first["fingerprint"]


def test_a_duplicate_is_reused_where_that_is_asked(service, first):
    answer = submit(service, name="second", if_duplicate="reuse")

    assert (answer.status_code, answer.json()) == (200, first)
    assert answer.headers["Location"] == first["links"]["self"]
    assert len(service.get("/v1/jobs").json()["data"]) == 1


def test_a_duplicate_is_refused_with_the_job_where_that_is_asked(service, first):
    problem = submit(service, if_duplicate="reject").json()

    assert (problem["status"], problem["code"]) == (409, "duplicate_job")
    assert problem["job_id"] == first["id"]
    assert "if_duplicate: run" in problem["hint"]


@pytest.mark.parametrize("word", ["reuse", "reject"])
def test_what_is_no_duplicate_is_submitted_and_found_later(service, word):
    answer = submit(service, if_duplicate=word)
    again = submit(service, if_duplicate="reuse")

    assert answer.status_code == 202
    assert again.json()["id"] == answer.json()["id"]


def test_a_clone_is_always_a_new_job(service):
    job = submit(service, if_duplicate="reject").json()

    assert service.post(f"{job['links']['self']}/clone").status_code == 202


def test_nobody_can_tell_duplicates_of_what_reads_a_file(service):
    data = {"dataset": "file:/srv/images.npz"}
    problem = submit(service, data=data, if_duplicate="reuse").json()
    [found] = [error for error in problem["errors"] if error["code"] == "not_comparable"]

    assert problem["status"] == 422
    assert found["pointer"] == "/if_duplicate"
    assert "/data/dataset" in found["message"]


def test_a_queued_job_tells_where_it_is_and_why_it_waits(service, first):
    second = submit(service).json()
    nobody = service.get(first["links"]["self"]).json()["queue"]
    service.world.worker()
    somebody = service.get(first["links"]["self"]).json()["queue"]
    later = service.get(second["links"]["self"]).json()["queue"]

    assert first["queue"] == nobody == {"position": 1, "reason": "no_worker"}
    assert somebody == {"position": 1, "reason": "about_to_start"}
    assert later == {"position": 2, "reason": "jobs_ahead"}
    assert [job["queue"] for job in service.get("/v1/jobs").json()["data"]] == [None, None]


def test_a_job_that_does_not_wait_has_no_place(service, first):
    paused = service.post(f"{first['links']['self']}/pause").json()

    assert paused["queue"] is None
