"""Verbs over HTTP: asked for once or twice, refused with what is possible, and in nobody's way."""

import pytest

from tests.support.api import OTHER
from tests.support.service import document


def test_a_queued_job_is_cancelled_at_once_and_again_is_no_change(service):
    job = service.post("/v1/jobs", document()).json()
    first = service.post(f"/v1/jobs/{job['id']}/cancel", {"reason": "typo"})
    second = service.post(f"/v1/jobs/{job['id']}/cancel")
    last = service.get(job["links"]["events"]).json()["data"][-1]

    assert (first.status_code, first.json()["state"]) == (202, "cancelled")
    assert (second.status_code, second.json()["version"]) == (200, first.json()["version"])
    assert (last["type"], last["data"]) == ("job.cancelled", {"reason": "typo"})


def test_a_running_job_is_cancelling_until_its_process_is_gone(service):
    token = service.world.running()
    answer = service.post(f"/v1/jobs/{token.job_id}/cancel")

    assert (answer.status_code, answer.json()["state"]) == (202, "cancelling")
    assert service.post(f"/v1/jobs/{token.job_id}/cancel").status_code == 200


def test_a_job_that_is_over_cannot_be_cancelled(service):
    token = service.world.running()
    with service.work() as uow:
        uow.attempts.succeed(token, "not_evaluated")
    answer = service.post(f"/v1/jobs/{token.job_id}/cancel")
    problem = answer.json()

    assert (answer.status_code, problem["code"]) == (409, "invalid_transition")
    assert (problem["current"], problem["allowed"]) == ("succeeded", [])


@pytest.mark.parametrize(
    ("body", "pointer"), [({"reson": "x"}, "/reson"), ({"reason": "a\nb"}, "/reason")]
)
def test_a_wrong_cancellation_changes_nothing(service, body, pointer):
    job = service.post("/v1/jobs", document()).json()
    answer = service.post(f"/v1/jobs/{job['id']}/cancel", body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert service.get(job["links"]["self"]).json() == job


def test_a_queued_job_is_paused_at_once_and_resumed_into_the_queue(service):
    job = service.post("/v1/jobs", document()).json()
    here = f"/v1/jobs/{job['id']}"
    paused = service.post(f"{here}/pause", {"reason": "night"})
    resumed = service.post(f"{here}/resume")
    events = service.get(f"{here}/events").json()["data"]

    assert (paused.status_code, paused.json()["state"]) == (202, "paused")
    assert (resumed.status_code, resumed.json()["state"]) == (202, "queued")
    assert [(event["type"], event["data"]) for event in events[2:]] == [
        ("job.paused", {"reason": "night"}),
        ("job.queued", {"reason": ""}),
    ]


def test_a_running_job_is_pausing_and_asking_again_changes_nothing(service):
    token = service.world.running()
    first = service.post(f"/v1/jobs/{token.job_id}/pause")
    second = service.post(f"/v1/jobs/{token.job_id}/pause")

    assert (first.status_code, first.json()["state"]) == (202, "pausing")
    assert (second.status_code, second.json()) == (200, first.json())


def test_a_job_that_goes_on_is_resumed_already(service):
    token = service.world.running()
    answer = service.post(f"/v1/jobs/{token.job_id}/resume")

    assert (answer.status_code, answer.json()["state"]) == (200, "running")


def test_a_paused_job_is_resumed_for_more_epochs_once(service):
    job = service.post("/v1/jobs", document()).json()
    here = f"/v1/jobs/{job['id']}"
    paused = service.post(f"{here}/pause").json()
    once = {"Idempotency-Key": "longer", "If-Match": f'W/"j-{paused["version"]}"'}
    asked = [service.post(f"{here}/resume", {"extra_epochs": 10}, headers=once) for _ in range(2)]
    more = service.post(f"{here}/resume", {"extra_epochs": 10})
    plain = service.post(f"{here}/resume")
    last = service.get(f"{here}/events").json()["data"][-1]
    shown = service.get(here).json()

    assert [(answer.status_code, answer.json()) for answer in asked] == 2 * [(202, asked[0].json())]
    assert (shown["resolved"]["recipe"]["epochs"], shown["spec"]["recipe"]["epochs"]) == (70, 70)
    assert shown["resolved"]["recipe"]["schedule"]["epochs"] == 60
    assert shown["fingerprint"] != job["fingerprint"]
    assert (shown["version"], shown["state"]) == (paused["version"] + 1, "queued")
    assert last["data"] == {"reason": "", "extra_epochs": 10, "epochs": 70}
    assert (more.status_code, more.json()["code"]) == (409, "invalid_transition")
    assert "pause it first" in more.json()["hint"]
    assert (plain.status_code, plain.json()["version"]) == (200, shown["version"])


@pytest.mark.parametrize(
    ("extra_epochs", "pointer"),
    [
        (0, "/extra_epochs"),
        (10_001, "/extra_epochs"),
        ("ten", "/extra_epochs"),
        (1.5, "/extra_epochs"),
        (6, "/recipe/epochs"),
    ],
)
def test_epochs_that_no_job_can_have_are_refused_and_it_stays_paused(
    service, extra_epochs, pointer
):
    job = service.post("/v1/jobs", document(recipe={"epochs": 99_995})).json()
    here = f"/v1/jobs/{job['id']}"
    paused = service.post(f"{here}/pause").json()
    answer = service.post(f"{here}/resume", {"extra_epochs": extra_epochs})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert service.get(here).json() == paused


def test_a_refused_verb_says_what_is_possible_and_when(service):
    token = service.world.running()
    service.post(f"/v1/jobs/{token.job_id}/pause")
    problem = service.post(f"/v1/jobs/{token.job_id}/resume").json()

    assert (problem["status"], problem["code"]) == (409, "invalid_transition")
    assert (problem["current"], problem["allowed"]) == ("pausing", ["cancelling"])
    assert "wait until it is paused" in problem["hint"]


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
def test_a_verb_for_an_older_version_is_refused_with_the_tag_of_this_one(service, verb):
    job = service.post("/v1/jobs", document()).json()
    here, old = job["links"]["self"], f'W/"j-{job["version"] - 1}"'
    answer = service.post(f"{here}/{verb}", headers={"If-Match": old})

    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert answer.json()["current"] == f'W/"j-{job["version"]}"'
    assert service.get(here).json() == job


@pytest.mark.parametrize("match", ["*", 'W/"j-{0}"', '"j-{0}"', '"x", W/"j-{0}"'])
def test_a_verb_for_this_version_is_followed(service, match):
    job = service.post("/v1/jobs", document()).json()
    told = {"If-Match": match.format(job["version"])}

    assert service.post(f"{job['links']['self']}/pause", headers=told).status_code == 202


@pytest.mark.parametrize("match", ["", "j-1", '"sha256-0"', 'W/"j-"', 'W/"j-' + "9" * 40 + '"'])
def test_what_is_no_tag_of_ours_matches_nothing(service, match):
    job = service.post("/v1/jobs", document()).json()
    told = {"If-Match": match}

    assert service.post(f"{job['links']['self']}/pause", headers=told).status_code == 412


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
def test_another_tenants_job_is_not_there_for_a_verb(service, verb):
    job = service.post("/v1/jobs", document()).json()
    answer = service.post(f"/v1/jobs/{job['id']}/{verb}", key=service.new_key(OTHER))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert service.get(job["links"]["self"]).json() == job
