"""Jobs over HTTP: submitted, listed and looked at."""

from stillhouse.domain.events import EventType, NewEvent
from stillhouse.domain.failure import Ending, ExitClass, Failure
from tests.support.service import document, failure


def test_a_job_is_queued_and_says_where_it_is(service):
    answer = service.post("/v1/jobs", document(name="first", labels={"team": "a"}))
    job = answer.json()

    assert answer.status_code == 202
    assert answer.headers["Location"] == job["links"]["self"] == f"/v1/jobs/{job['id']}"
    assert (job["state"], job["attempt"], job["attempts"]) == ("queued", 0, [])
    assert (job["name"], job["labels"], job["priority"]) == ("first", {"team": "a"}, "normal")
    assert job["spec"] == document(name="first", labels={"team": "a"})
    assert job["resolved"]["recipe"]["epochs"] > 0
    assert job["created_at"].endswith("Z")
    assert (job["progress"], job["failure"], job["verdict"]) == (None, None, None)


def test_what_was_sent_comes_back_as_it_was_spelled(service):
    body = (
        b'{"loss": "kd", "name": "\\u00e9", "student": {"architecture": "resnet10t"}, '
        b'"data": {"dataset": "digits"}, "recipe": {"epochs": 2}, '
        b'"teacher": {"recipe": {"preset": "quick"}, "architecture": "resnet18"}}'
    )
    job = service.call("POST", "/v1/jobs", content=body).json()

    assert list(job["spec"]) == ["loss", "name", "student", "data", "recipe", "teacher"]


def test_every_view_of_a_job_is_where_its_links_say(service):
    links = service.post("/v1/jobs", document()).json()["links"]

    assert service.get(links.pop("bundle")).json()["code"] == "job_not_succeeded"
    assert set(links) == {"self", "events", "metrics", "logs", "artifacts", "verdict"}
    assert [service.get(link).status_code for link in links.values()] == [200] * 6


def test_lists_are_newest_first_and_go_on_at_the_cursor(service):
    made = [service.post("/v1/jobs", document()).json()["id"] for _ in range(5)]
    first = service.get("/v1/jobs?limit=2")
    second = service.get(f"/v1/jobs?limit=2&cursor={first.json()['next_cursor']}").json()
    third = service.get(f"/v1/jobs?limit=2&cursor={second['next_cursor']}").json()
    linked = service.get(first.headers["Link"].removeprefix("<").partition(">")[0]).json()

    pages = [first.json(), second, third]
    assert [job["id"] for page in pages for job in page["data"]] == made[::-1]
    assert [page["has_more"] for page in pages] == [True, True, False]
    assert third["next_cursor"] is None
    assert linked == second


def test_a_list_can_be_of_some_states_only(service):
    queued = service.post("/v1/jobs", document()).json()["id"]
    over = service.post("/v1/jobs", document()).json()["id"]
    service.post(f"/v1/jobs/{over}/cancel")

    def listed(query):
        return [job["id"] for job in service.get(f"/v1/jobs?{query}").json()["data"]]

    assert listed("state=queued") == [queued]
    assert listed("state=cancelled") == [over]
    assert listed("state=queued&state=cancelled") == [over, queued]


def test_an_attempt_tells_who_had_it_and_how_far_it_is(service):
    token = service.world.running()
    told = {"phase": "training", "epoch": 1, "epochs": 4, "step": 5, "total_steps": 20, "eta_s": 9}
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[NewEvent(EventType.PROGRESS, told)])
    job = service.get(f"/v1/jobs/{token.job_id}").json()

    assert (job["state"], job["phase"], job["attempt"]) == ("running", "training", 1)
    assert job["progress"] == {**told, "fraction": 0.25}
    [attempt] = job["attempts"]
    assert (attempt["number"], attempt["state"], attempt["worker"]) == (1, "running", "box:1")
    assert (attempt["finished_at"], attempt["reason"]) == (None, None)


def test_a_lost_attempt_is_told_beside_the_one_that_goes_on(service):
    token = service.world.running()
    with service.work() as uow:
        uow.attempts.fail(token, failure(), Ending.LEASE_LOST)
    service.world.claim(service.world.worker("box:2").id)
    job = service.get(f"/v1/jobs/{token.job_id}").json()

    states = [(attempt["number"], attempt["state"]) for attempt in job["attempts"]]
    assert states == [(1, "lost"), (2, "starting")]
    assert job["attempts"][0]["reason"] == "lease_lost"
    assert [attempt["worker"] for attempt in job["attempts"]] == ["box:1", "box:2"]


def test_a_failed_job_tells_why_and_where_its_last_words_are(service):
    token = service.world.running()
    told = Failure(ExitClass.DIVERGED, "diverged", "the loss is NaN", "lower lr", "training")
    with service.work() as uow:
        uow.attempts.fail(token, told)
    job = service.get(f"/v1/jobs/{token.job_id}").json()

    tail = job["failure"].pop("log_tail_url")
    assert job["failure"] == {
        "class": "diverged",
        "code": "diverged",
        "message": "the loss is NaN",
        "hint": "lower lr",
        "phase": "training",
        "attempt": 1,
    }
    assert service.get(tail).status_code == 200
    assert job["attempts"][0]["reason"] == "the loss is NaN"


def test_a_job_that_succeeded_is_wholly_done(service):
    token = service.world.running()
    told = {"phase": "training", "step": 19, "total_steps": 20, "eta_s": 1.5}
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[NewEvent(EventType.PROGRESS, told)])
        uow.attempts.succeed(token, "not_evaluated")
    job = service.get(f"/v1/jobs/{token.job_id}").json()

    assert (job["state"], job["verdict"], job["phase"]) == ("succeeded", "not_evaluated", None)
    assert (job["progress"]["fraction"], job["progress"]["eta_s"]) == (1.0, 0.0)
    assert job["finished_at"] is not None
