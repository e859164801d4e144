"""Events as a stream: each once and in order, whoever is cut off, and to an end."""

import json
import os
import signal
import time
from contextlib import contextmanager

import httpx2
import pytest
from sqlalchemy import delete

from api.jobs import stream
from stillhouse.domain.events import EventType, NewEvent
from stillhouse.domain.failure import ExitClass
from stillhouse.store.tables import EventRow
from tests.support.api import OTHER
from tests.support.service import TENANT, failure

STREAM = {"Accept": "text/event-stream"}


def progress(step, **data):
    return NewEvent(EventType.PROGRESS, {"phase": "training", "step": step, **data})


def fields(block):
    """One event of the wire format, as names and values; comments are under ''."""
    lines = (line.partition(": ") for line in block.splitlines())
    return {name: value for name, _, value in lines}


def read(text):
    return [fields(block) for block in text.split("\n\n") if block]


def seqs(events):
    return [int(event["id"]) for event in events if "id" in event]


@pytest.fixture
def over(service):
    """A job that is over; the path of its events, and how many there are."""
    token = service.world.running()
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[progress(step) for step in range(5)])
        uow.attempts.succeed(token, "not_evaluated")
    return token.job_id, len(service.world.event_log(token.job_id))


def streamed(service, job_id, query="", **headers):
    return service.get(f"/v1/jobs/{job_id}/events{query}", headers={**STREAM, **headers})


def test_the_stream_of_a_job_that_is_over_has_every_event_and_an_end(service, over):
    job_id, count = over
    answer = streamed(service, job_id)
    first, *events, end = read(answer.text)
    listed = service.get(f"/v1/jobs/{job_id}/events").json()["data"]

    assert {"retry": "3000"} == first
    assert [*range(1, count + 1)] == seqs(events)
    assert listed == [json.loads(event["data"]) for event in events]
    assert [event["type"] for event in listed] == [event["event"] for event in events]
    assert {"event": "end", "data": '{"state": "succeeded"}'} == end


def test_no_proxy_keeps_it_or_changes_it(service, over):
    headers = streamed(service, over[0]).headers

    assert "text/event-stream; charset=utf-8" == headers["Content-Type"]
    assert "no-store, no-transform" == headers["Cache-Control"]
    assert ("no", "Accept") == (headers["X-Accel-Buffering"], headers["Vary"])
    assert {"etag", "content-length", "content-encoding"}.isdisjoint(headers)
    assert "Accept" == service.get(f"/v1/jobs/{over[0]}/events").headers["Vary"]


@pytest.mark.parametrize(
    ("query", "headers", "first"),
    [
        ("?after_seq=3", {}, 4),
        ("", {"Last-Event-ID": "5"}, 6),
        ("?after_seq=3", {"Last-Event-ID": "5"}, 6),
        ("?after_seq=9", {"Last-Event-ID": "0"}, 1),
    ],
)
def test_it_goes_on_after_the_last_event_that_came(service, over, query, headers, first):
    job_id, count = over

    events = read(streamed(service, job_id, query, **headers).text)
    assert [*range(first, count + 1)] == seqs(events)


def test_it_is_longer_than_one_look_at_the_books(service):
    token = service.world.running()
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[progress(n) for n in range(2 * stream.BATCH)])
        uow.attempts.succeed(token, "not_evaluated")
    count = len(service.world.event_log(token.job_id))

    assert [*range(1, count + 1)] == seqs(read(streamed(service, token.job_id).text))


@pytest.mark.parametrize("swept", [range(1, 4), range(3, 6), range(1, 1000)], ids=str)
def test_what_was_swept_away_is_told_as_a_gap(service, over, swept):
    job_id, count = over
    with service.work() as uow:
        uow._session.execute(
            delete(EventRow).where(EventRow.job_id == job_id, EventRow.seq.in_(swept))
        )
    _, *events, end = read(streamed(service, job_id).text)
    told = [json.loads(event["data"]) for event in events if event["event"] == "gap"]
    again = read(streamed(service, job_id, **{"Last-Event-ID": str(count)}).text)

    last = min(count, swept[-1])
    assert [{"first": swept[0], "last": last}] == told
    assert [n for n in range(1, count + 1) if n not in swept[:-1] or n == last] == seqs(events)
    assert "end" == end["event"] == again[1]["event"]


def test_what_is_no_number_is_null(service):
    token = service.world.running()
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[progress(1, eta_s=float("nan"))])
        uow.attempts.fail(token, failure(ExitClass.USER_ERROR))
    text = streamed(service, token.job_id).text

    assert "NaN" not in text
    assert '"eta_s":null' in text


@pytest.mark.parametrize(
    ("accept", "is_stream"),
    [
        ("text/event-stream", True),
        ("Text/Event-Stream; q=1", True),
        ("text/event-stream, */*", True),
        ("application/json, text/event-stream", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_who_takes_json_gets_json(service, over, accept, is_stream):
    answer = service.get(f"/v1/jobs/{over[0]}/events", headers={"Accept": accept})

    assert is_stream == answer.headers["Content-Type"].startswith("text/event-stream")


def test_a_stream_of_nothing_is_refused_as_any_question_is(service, over):
    job_id, _ = over
    nobody = f"job_{'0' * 26}"
    other = service.new_key(OTHER)
    wrong = streamed(service, job_id, **{"Last-Event-ID": "x"})

    assert 404 == streamed(service, nobody).status_code
    assert 404 == service.get(f"/v1/jobs/{job_id}/events", key=other, headers=STREAM).status_code
    assert (422, "/header/Last-Event-ID") == (
        wrong.status_code,
        wrong.json()["errors"][0]["pointer"],
    )


def test_one_key_reads_no_more_streams_than_it_may(service, over):
    job_id, _ = over
    streamed(service, job_id)
    [key_id] = service.services.streams
    service.services.streams[key_id] = stream.STREAMS_OF_A_KEY
    answer = streamed(service, job_id)
    by_another_key = service.get(
        f"/v1/jobs/{job_id}/events", key=service.new_key(TENANT), headers=STREAM
    )

    assert (429, "too_many_streams") == (answer.status_code, answer.json()["code"])
    assert "Retry-After" in answer.headers
    assert 200 == by_another_key.status_code
    assert 200 == service.get(f"/v1/jobs/{job_id}/events").status_code


def test_a_stream_that_ended_is_not_counted(service, over):
    streamed(service, over[0])

    assert {0} == {*service.services.streams.values()}


def test_the_document_shows_a_stream(service):
    document = service.client.get("/openapi.json").json()
    content = document["paths"]["/v1/jobs/{job_id}/events"]["get"]["responses"]["200"]["content"]

    assert {"application/json", "text/event-stream"} == set(content)
    assert "event: end" in content["text/event-stream"]["example"]


class Reader:
    """Reads a stream event by event, and knows how far it came."""

    def __init__(self, server, job_id):
        self.server, self.path = server, f"/v1/jobs/{job_id}/events"
        self.events = []

    @contextmanager
    def connected(self):
        headers = dict(STREAM)
        if known := seqs(self.events):
            headers["Last-Event-ID"] = str(known[-1])
        with self.server.client.stream("GET", self.path, headers=headers, timeout=20) as answer:
            self.lines = answer.iter_lines()
            yield

    def read(self, until):
        """Until this claim of the newest event holds."""
        block = []
        for line in self.lines:
            block.append(line)
            if not line and any(part.startswith("event") for part in block):
                self.events.append(fields("\n".join(block)))
                if until(self.events[-1]):
                    return
            block = block if line else []


def is_step(number):
    return lambda event: json.loads(event["data"]).get("data", {}).get("step") == number


def is_end(event):
    return event["event"] == "end"


def test_every_event_comes_once_and_in_order_across_a_restart(api_process, world):
    """It is written by other processes, and goes on being so while nobody can read it."""
    token = world.running()
    reader = Reader(api_process, token.job_id)

    def say(batch, steps):
        with world.work() as uow:
            uow.attempts.report(token, batch, events=[progress(step) for step in steps])

    with reader.connected():
        for step in (1, 2, 3):
            say(step, [step])
            reader.read(is_step(step))
        os.kill(api_process.process.pid, signal.SIGKILL)
        api_process.process.wait()
        with pytest.raises(httpx2.TransportError):
            reader.read(is_end)
    say(4, range(4, 9))
    api_process.start()
    with reader.connected():
        reader.read(is_step(8))
        with world.work() as uow:
            uow.attempts.succeed(token, "not_evaluated")
        reader.read(is_end)

    assert [seq for seq, _ in world.event_log(token.job_id)] == seqs(reader.events)
    assert "end" == reader.events[-1]["event"]


def test_a_client_that_left_is_noticed_and_a_service_that_stops_ends_the_stream(api_process, world):
    job_id = world.submit().id
    reader, other = Reader(api_process, job_id), Reader(api_process, job_id)
    with other.connected():
        other.read(lambda event: event["event"] == "job.queued")
        with reader.connected():
            reader.read(lambda event: event["event"] == "job.queued")
        deadline = time.monotonic() + 20
        while not any("/events" in str(line.get("path")) for line in api_process.lines()):
            assert time.monotonic() < deadline
        api_process.process.terminate()
        other.read(is_end)

    assert {0, -signal.SIGTERM} >= {api_process.process.wait(20)}
    assert [1, 2] == seqs(other.events)


def test_a_silent_stream_is_kept_alive(service, monkeypatch):
    monkeypatch.setattr(stream, "KEEP_ALIVE_S", 0.05)
    monkeypatch.setattr(stream, "LONGEST_S", 2)
    text = streamed(service, service.world.submit().id).text

    assert text.count(": ka\n\n") > 1
    assert "event: end" not in text
