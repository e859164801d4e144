"""Following a job: by a stream while it holds, else by long polls. The network is a function."""

import json

import httpx2
import pytest

from stillhouse.client import ApiError, Pace, ServerUnreachable, StillhouseClient, WaitTimedOut
from stillhouse.client.event_stream import Message, messages
from stillhouse.client.news import QUIET_S, WAIT_S, Deadline

WHOLE = 6
KINDS = ["job.created", "job.queued", "job.started", "job.phase_changed", "job.progress"]
DATA = {
    "job.phase_changed": {"phase": "training"},
    "job.progress": {"phase": "training", "step": 3, "total_steps": 9},
}


def told(seq):
    kind = [*KINDS, "job.succeeded"][seq - 1]
    at = "2026-01-01T00:00:00Z"
    return {"seq": seq, "type": kind, "at": at, "attempt": 1, "data": DATA.get(kind, {})}


def wire(*seqs, end=False):
    blocks = ["retry: 3000\n\n"]
    blocks += [f"event: {told(n)['type']}\ndata: {json.dumps(told(n))}\nid: {n}\n\n" for n in seqs]
    return "".join([*blocks, 'event: end\ndata: {"state": "succeeded"}\n\n' if end else ""])


class Books:
    """A service with a log of six events. `streams`: what each stream brings; then there is none.

    A number is how many events come before the connection is cut.
    """

    def __init__(self, *streams, written=WHOLE, waits=True):
        self.streams, self.written, self.waits = list(streams), written, waits
        self.requests, self.now = [], 0.0

    def client(self):
        return StillhouseClient(
            "http://x.example",
            "sh_live_k",
            pace=Pace(self.pass_time, lambda: self.now, lambda: 1.0),
            transport=httpx2.MockTransport(self),
        )

    def pass_time(self, seconds):
        self.now += seconds

    def asked(self, view):
        return [one for one in self.requests if one.url.path.endswith(view)]

    def __call__(self, request):
        self.requests.append(request)
        *_, view = request.url.path.split("/")
        state = "succeeded" if self.written == WHOLE else "running"
        job = {"id": "job_1", "name": "x", "state": state, "attempt": 1}
        match view:
            case "events" if "event-stream" in request.headers["accept"]:
                return self.stream(int(request.headers["last-event-id"]))
            case "events":
                return self.listed(request)
            case "metrics":
                return httpx2.Response(200, json={"series": []})
            case "verdict":
                return self.patient(request, {"verdict": "passed", "gates": []})
        return httpx2.Response(200, json=job)

    def stream(self, after):
        brought = self.streams.pop(0) if self.streams else 503
        if isinstance(brought, Exception):
            raise brought
        if brought == 503:
            return httpx2.Response(503, json={"code": "unavailable", "detail": "busy"})
        if isinstance(brought, str):
            return httpx2.Response(200, text=brought, headers={"Content-Type": "text/event-stream"})
        last = min(WHOLE, after + brought)
        text = wire(*range(after + 1, last + 1), end=last == WHOLE)
        cut = last < WHOLE

        def body():
            yield text.encode()
            if cut:
                raise httpx2.ReadError("cut")

        return httpx2.Response(200, content=body(), headers={"Content-Type": "text/event-stream"})

    def listed(self, request):
        after = int(request.url.params["after_seq"])
        events = [told(seq) for seq in range(after + 1, self.written + 1)]
        return self.patient(request, {"data": events}, is_news=bool(events))

    def patient(self, request, document, *, is_news=True):
        wait = request.headers["prefer"]
        if self.waits and not is_news:
            self.now += float(wait.removeprefix("wait="))
        headers = {"Preference-Applied": wait} if self.waits else {}
        if not is_news:
            self.written = min(WHOLE, self.written + 1)
        return httpx2.Response(200, json=document, headers=headers)


def followed(books):
    with books.client() as client:
        return list(client.follow("job_1", epochs=False))


def seqs(sightings):
    return [event.seq for sighting in sightings for event in sighting.events]


@pytest.mark.parametrize(
    "books",
    [
        Books(6),
        Books(2, 1, 3),
        Books(1, 503, 5),
        Books(2, 503),
        Books(),
        Books(written=1),
        Books(2, written=4, waits=False),
        Books(0, 0, 0),
        Books("data: {nonsense}\n\n", "data: {nonsense}\n\n"),
        Books(json.dumps({"data": []})),
    ],
    ids=range(10),
)
def test_every_event_comes_once_and_in_order_whatever_breaks(books):
    sightings = followed(books)

    assert [*range(1, WHOLE + 1)] == seqs(sightings)
    assert "succeeded" == sightings[-1].job.state


def test_a_stream_that_holds_is_the_only_question_beside_the_job_before_and_after():
    books = Books(WHOLE)
    followed(books)

    assert ["job_1", "events", "job_1"] == [one.url.path.split("/")[-1] for one in books.requests]


def test_a_cut_stream_goes_on_after_its_last_event():
    books = Books(2, 4)
    followed(books)

    assert ["0", "2"] == [one.headers["last-event-id"] for one in books.asked("events")]


def test_after_two_breaks_with_nothing_between_it_is_done_without():
    books = Books(1, 1, 0, 6)
    followed(books)
    kinds = ["prefer" in one.headers for one in books.asked("events")]

    assert [False, False, False, True] == kinds


def test_a_service_that_is_restarted_is_come_back_to():
    down = [httpx2.ConnectError("refused")] * 12
    books = Books(1, *down, 5)

    assert [*range(1, WHOLE + 1)] == seqs(followed(books))
    assert [] == [one for one in books.asked("events") if "prefer" in one.headers]
    assert 30 < books.now < 120


def test_polls_of_a_service_that_waits_come_with_the_news():
    books = Books(written=5)
    followed(books)
    polls = [one for one in books.asked("events") if "prefer" in one.headers]

    assert [f"wait={WAIT_S}"] * 3 == [one.headers["prefer"] for one in polls]


def test_how_far_a_job_is_follows_from_its_events():
    progress = [sighting.job.progress for sighting in followed(Books(6))]

    assert [None] * 4 == progress[:4]
    assert ("training", 3, 9) == (progress[4].phase, progress[4].step, progress[4].total_steps)


@pytest.mark.parametrize("timeout_s", [0.5, 5, QUIET_S + 5])
def test_a_time_that_is_over_is_told_when_it_is_over(timeout_s):
    books = Books(": ka\n\n" * 3, written=1)
    books.patient = lambda request, document, **_: Books.patient(
        books, request, {**document, "data": []}, is_news=False
    )
    with books.client() as client, pytest.raises(WaitTimedOut, match=f"after {timeout_s:g} s"):
        list(client.follow("job_1", timeout_s))

    assert timeout_s <= books.now < timeout_s + 1


def test_a_job_that_is_not_there_is_said_at_once():
    problem = {"code": "not_found", "detail": "there is no job job_1"}
    books = Books()
    books.stream = lambda _: httpx2.Response(404, json=problem)
    with pytest.raises(ApiError, match="no job"):
        followed(books)


def test_a_stream_that_is_cut_before_its_end_leaves_nothing_to_wait_for():
    whole = wire(*range(1, WHOLE + 1))
    books = Books(whole, 503)
    followed(books)
    polls = [one.headers["prefer"] for one in books.asked("events") if "prefer" in one.headers]

    assert ["wait=0"] == polls
    assert books.now < 2


def test_what_is_no_service_is_said():
    books = Books("data: {nonsense}\n\n", "data: {nonsense}\n\n")
    books.listed = lambda _: httpx2.Response(200, text="hello")
    with pytest.raises(ServerUnreachable, match="something else than expected"):
        followed(books)


def test_waiting_for_the_end_takes_two_questions():
    books = Books()
    with books.client() as client:
        job = client.jobs.wait("job_1")

    assert "succeeded" == job.state
    assert [f"wait={WAIT_S}"] == [one.headers["prefer"] for one in books.asked("verdict")]
    assert 2 == len(books.requests)


@pytest.mark.parametrize(("waits", "requests"), [(True, 4), (False, 24)])
def test_waiting_ends_when_it_was_told_to(waits, requests):
    books = Books(waits=waits)
    books.patient = lambda request, _document: Books.patient(
        books, request, {"verdict": "pending"}, is_news=False
    )
    with books.client() as client, pytest.raises(WaitTimedOut):
        client.jobs.wait("job_1", 90.5)

    assert 90.5 == pytest.approx(books.now)
    assert requests == len(books.requests)


def test_a_deadline_without_an_end_is_far_away():
    deadline = Deadline.of(Pace(), "job_1", None)
    deadline.check()

    assert WAIT_S == deadline.patience_s()


def test_messages_are_read_from_lines():
    text = "retry: 1\n\n: ka\n\nevent: a\ndata: 1\ndata: 2\nid: 7\n\ndata:x\n\nevent: cut"

    assert [None, Message("a", "1\n2", "7"), Message("message", "x")] == [
        *messages(text.split("\n"))
    ]
