"""Prefer: wait=N: an answer that comes with the news, or when patience is over."""

import signal
import threading
import time
from contextlib import closing
from http.client import HTTPConnection

import httpx2
import pytest

from stillhouse.domain.events import EventType, NewEvent

LONG_S = 30  # nobody waits so long: a test that did would be seen
THREADS_OF_A_SERVER = 40
PROGRESS = NewEvent(EventType.PROGRESS, {"phase": "training", "step": 1, "total_steps": 2})


def wait(seconds, tag=None):
    headers = {"Prefer": f"wait={seconds}"}
    return headers if tag is None else {**headers, "If-None-Match": tag}


class Asked(threading.Thread):
    """A question in the background, and its answer."""

    def __init__(self, ask):
        super().__init__(daemon=True)
        self.ask = ask
        self.answer = None
        self.start()

    def run(self):
        self.answer = self.ask()

    def get(self):
        self.join(LONG_S)
        assert self.answer is not None, "there was no answer"
        return self.answer


def until(claim):
    deadline = time.monotonic() + 20
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def waiting(service):
    """Asks in the background; returns once the service has begun to wait."""

    def ask(path, seconds=LONG_S, tag=None):
        before = len(service.services.watch._waiting)
        asked = Asked(lambda: service.get(path, headers=wait(seconds, tag)))
        until(lambda: len(service.services.watch._waiting) > before)
        return asked

    return ask


def test_a_job_is_answered_as_soon_as_it_changes(service, waiting):
    token = service.world.running()
    path = f"/v1/jobs/{token.job_id}"
    tag = service.get(path).headers["ETag"]
    asked = waiting(path, tag=tag)
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[PROGRESS])
    answer = asked.get()

    assert (200, f"wait={LONG_S}") == (answer.status_code, answer.headers["Preference-Applied"])
    assert "training" == answer.json()["progress"]["phase"]
    assert tag != answer.headers["ETag"]


def test_patience_ends_in_a_304(service):
    path = f"/v1/jobs/{service.world.submit().id}"
    tag = service.get(path).headers["ETag"]
    answer = service.get(path, headers=wait(1, tag))

    assert (304, "wait=1") == (answer.status_code, answer.headers["Preference-Applied"])


def test_what_is_new_already_is_not_waited_for(service):
    path = f"/v1/jobs/{service.world.submit().id}"

    assert 200 == service.get(path, headers=wait(LONG_S, '"j-0"')).status_code


def test_without_a_tag_a_job_is_told_at_once(service):
    answer = service.get(f"/v1/jobs/{service.world.submit().id}", headers=wait(LONG_S))

    assert 200 == answer.status_code
    assert "Preference-Applied" not in answer.headers


def test_events_are_waited_for_where_there_are_none_yet(service, waiting):
    token = service.world.running()
    path = f"/v1/jobs/{token.job_id}/events"
    last = service.get(path, headers=wait(LONG_S)).json()["next_after_seq"]
    asked = waiting(f"{path}?after_seq={last}")
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[PROGRESS])

    assert [last + 1] == [event["seq"] for event in asked.get().json()["data"]]
    nothing = service.get(f"{path}?after_seq={last + 1}", headers=wait(1))
    assert (200, []) == (nothing.status_code, nothing.json()["data"])


def test_a_verdict_is_waited_for_until_it_is_there(service, waiting):
    token = service.world.running()
    path = f"/v1/jobs/{token.job_id}/verdict"
    asked = waiting(path)
    with_tag = waiting(path, tag=service.get(path).headers["ETag"])
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[PROGRESS])
        uow.attempts.succeed(token, "passed")

    assert "passed" == asked.get().json()["verdict"] == with_tag.get().json()["verdict"]
    assert "passed" == service.get(path, headers=wait(LONG_S)).json()["verdict"]
    assert (
        "pending"
        == service.get(f"/v1/jobs/{service.world.submit().id}/verdict", headers=wait(1)).json()[
            "verdict"
        ]
    )


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=0", "wait=0"),
        ("respond-async, wait=0", "wait=0"),
        ('WAIT = "0"; foo', "wait=0"),
        ("wait=-1", None),
        ("wait=soon", None),
        ("await=3", None),
        ("foo; wait=9", None),
        ("", None),
    ],
)
def test_what_a_client_prefers_is_read_or_ignored(service, prefer, applied):
    path = f"/v1/jobs/{service.world.submit().id}"
    headers = {"Prefer": prefer, "If-None-Match": service.get(path).headers["ETag"]}
    answer = service.get(path, headers=headers)

    assert (304, applied) == (answer.status_code, answer.headers.get("Preference-Applied"))


def test_nobody_waits_longer_than_a_minute(service):
    path = f"/v1/jobs/{service.world.submit().id}"
    answer = service.get(path, headers=wait(999_999, '"j-0"'))

    assert "wait=60" == answer.headers["Preference-Applied"]


def test_of_a_job_that_is_not_there_nothing_is_waited_for(service):
    for view in ("", "/events", "/verdict"):
        path = f"/v1/jobs/job_{'0' * 26}{view}"

        assert 404 == service.get(path, headers=wait(LONG_S, '"j-1"')).status_code


def asked_often(server, path, tag, count):
    headers = wait(LONG_S, tag)
    return [Asked(lambda: server.client.get(path, headers=headers)) for _ in range(count)]


def test_more_may_wait_than_there_are_threads_and_others_are_served(api_process, world):
    """A change by another process reaches all of them; until then nobody else is held up."""
    token = world.running()
    path = f"/v1/jobs/{token.job_id}"
    tag = api_process.client.get(path).headers["ETag"]
    limits = httpx2.Limits(max_connections=None)
    api_process.client.close()
    api_process.client = httpx2.Client(
        base_url=api_process.client.base_url,
        headers=api_process.client.headers,
        limits=limits,
        timeout=LONG_S,
    )
    everybody = asked_often(api_process, path, tag, THREADS_OF_A_SERVER + 20)
    others = [api_process.client.get("/v1/jobs").status_code for _ in range(20)]
    with world.work() as uow:
        uow.attempts.report(token, 1, events=[PROGRESS])
    answers = [asked.get() for asked in everybody]

    assert {200} == {*others} == {answer.status_code for answer in answers}
    assert {tag}.isdisjoint(answer.headers["ETag"] for answer in answers)


def test_who_waits_does_not_keep_the_service_from_stopping(api_process, world):
    path = f"/v1/jobs/{world.submit().id}"
    tag = api_process.client.get(path).headers["ETag"]
    asked = {"Prefer": f"wait={LONG_S}", "If-None-Match": tag}
    key = {"Authorization": f"Bearer {api_process.key}"}
    with closing(HTTPConnection("127.0.0.1", api_process.port, timeout=20)) as connection:
        # A connection that has been answered is one that the service reads from.
        connection.request("GET", "/livez")
        connection.getresponse().read()
        connection.request("GET", path, headers=asked | key)
        api_process.client.get("/livez")  # sent later and answered: the other one has arrived
        api_process.process.terminate()
        answer = connection.getresponse()

    assert answer.status == 304
    assert {0, -signal.SIGTERM} >= {api_process.process.wait(10)}
