"""What is asked again and what is not, and how a refusal reads. The network is a function here."""

import json

import httpx2
import pytest

from stillhouse.client import ApiError, Pace, ServerUnreachable, StillhouseClient
from stillhouse.client.errors import IdInvalid, VersionsApart
from stillhouse.client.retry import FIRST_TRIES, TRIES

JOB = {"id": "job_1", "name": "x", "state": "queued"}
PROBLEM = {
    "code": "invalid_request",
    "detail": "two problems",
    "instance": "req-1",
    "errors": [
        {"pointer": "/loss", "code": "unknown_loss", "message": "there is no loss 'pdl'",
         "hint": "did you mean pld?"},
        {"pointer": "/data", "code": "missing_key", "message": "is missing", "hint": ""},
    ],
}  # fmt: skip


class Network:
    """Answers in turn; the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.pauses = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, document, *headers = answer
        return httpx2.Response(status, json=document, headers=headers[0] if headers else {})

    def client(self, url="http://x.example"):
        pace = Pace(self.pauses.append, lambda: sum(self.pauses), lambda: 1.0)
        transport = httpx2.MockTransport(self)
        return StillhouseClient(url, "sh_live_k", pace=pace, transport=transport)


BUSY = (503, {"code": "unavailable", "detail": "the database is busy"})
CUT = httpx2.ReadError("cut")


@pytest.mark.parametrize("trouble", [BUSY, (502, None), (504, None), (429, PROBLEM), CUT])
def test_a_question_is_asked_again(trouble):
    network = Network(trouble, trouble, (200, JOB))
    with network.client() as client:
        job = client.jobs.get("job_1")

    assert job.state == "queued"
    assert len(network.requests) == 3
    assert network.pauses == [0.25, 0.5]


def test_the_service_says_how_long_to_wait():
    network = Network((*BUSY, {"Retry-After": "3"}), (200, JOB))
    with network.client() as client:
        client.jobs.get("job_1")

    assert network.pauses == [3.0]


@pytest.mark.parametrize("trouble", [BUSY, CUT])
def test_what_may_not_happen_twice_is_asked_once(trouble):
    network = Network(trouble, (200, JOB))
    with network.client() as client, pytest.raises((ApiError, ServerUnreachable)):
        client.jobs.delete("job_1")

    assert len(network.requests) == 1


@pytest.mark.parametrize("trouble", [BUSY, CUT])
@pytest.mark.parametrize(
    "act",
    [
        lambda jobs: jobs.create({}),
        lambda jobs: jobs.retry("job_1"),
        lambda jobs: jobs.clone("job_1", {"name": "x"}),
    ],
)
def test_a_job_is_asked_for_again_under_the_key_of_the_first_request(trouble, act):
    network = Network(trouble, (202, JOB), (202, JOB))
    with network.client() as client:
        act(client.jobs)
        act(client.jobs)
    first, second, other = [request.headers["idempotency-key"] for request in network.requests]

    assert first == second != other


def test_cancelling_twice_is_cancelling_once_so_it_is_asked_again():
    network = Network(CUT, (202, JOB))
    with network.client() as client:
        client.jobs.cancel("job_1")

    assert len(network.requests) == 2


def test_patience_ends():
    network = Network(CUT)
    with network.client() as client, pytest.raises(ServerUnreachable, match="cannot be reached"):
        client.jobs.get("job_1")

    assert len(network.requests) == TRIES


def test_a_service_that_never_answered_is_given_up_soon():
    network = Network(httpx2.ConnectError("refused"))
    with network.client() as client, pytest.raises(ServerUnreachable, match="refused"):
        client.jobs.get("job_1")

    assert len(network.requests) == FIRST_TRIES
    assert sum(network.pauses) < 1


def test_a_service_that_answered_before_may_take_its_time_to_return():
    refused = httpx2.ConnectError("refused")
    network = Network((200, JOB), refused, refused, refused, refused, (200, JOB))
    with network.client() as client:
        jobs = [client.jobs.get("job_1") for _ in range(2)]

    assert len(jobs) == 2


def test_a_part_is_sent_again_whole():
    network = Network(CUT, (200, {"number": 1, "bytes": 3, "sha256": "0"}))
    with network.client() as client:
        client.uploads.put_part("upl_1", 1, b"abc")

    assert [request.content for request in network.requests] == [b"abc", b"abc"]
    assert network.requests[0].headers["content-length"] == "3"


def test_a_refusal_has_every_problem_with_its_place():
    network = Network((422, PROBLEM))
    with network.client() as client, pytest.raises(ApiError) as refused:
        client.jobs.create({})

    assert (refused.value.status, refused.value.code) == (422, "invalid_request")
    assert refused.value.request_id == "req-1"
    assert [problem.pointer for problem in refused.value.problems] == ["/loss", "/data"]
    assert str(refused.value).startswith("/loss: there is no loss 'pdl'\n  did you mean pld?")


def test_a_refusal_without_places_is_its_sentence():
    network = Network((409, {"code": "in_use", "detail": "a job needs it", "hint": "wait"}))
    with network.client() as client, pytest.raises(ApiError) as refused:
        client.models.delete("mdl_1")

    assert str(refused.value) == "a job needs it\n  wait"


@pytest.mark.parametrize(
    "document", [{"code": 1, "errors": 3}, {"code": "x", "errors": [1, {"message": 2}]}]
)
def test_a_strange_refusal_is_a_refusal_all_the_same(document):
    network = Network((422, document))
    with network.client() as client, pytest.raises(ApiError) as refused:
        client.jobs.create({})

    assert refused.value.problems


@pytest.mark.parametrize("answer", [(200, {"hello": "world"}), (200, None), (404, {"detail": "x"})])
def test_a_server_that_is_no_service_is_told_apart(answer):
    network = Network(answer)
    with network.client() as client, pytest.raises(ServerUnreachable):
        client.jobs.get("job_1")


def test_a_key_does_not_follow_a_redirect():
    network = Network((307, None, {"Location": "https://elsewhere.example"}))
    with network.client() as client, pytest.raises(ServerUnreachable, match="elsewhere"):
        client.jobs.get("job_1")

    assert len(network.requests) == 1


@pytest.mark.parametrize("identity", ["", "..", "../models", "job_1/cancel", "a b", "é"])
def test_an_id_cannot_lead_elsewhere(identity):
    network = Network((200, JOB))
    with network.client() as client, pytest.raises(IdInvalid):
        client.jobs.get(identity)

    assert network.requests == []


def test_what_the_client_does_not_know_is_kept():
    network = Network((200, JOB | {"colour": "green"}))
    with network.client() as client:
        job = client.jobs.get("job_1")

    assert job.as_json() == JOB | {"colour": "green"}


def test_lists_are_read_to_their_end():
    pages = [
        (200, {"data": [JOB], "next_cursor": "c", "has_more": True}),
        (200, {"data": [JOB], "next_cursor": None, "has_more": False}),
    ]
    network = Network(*pages)
    with network.client() as client:
        found = list(client.jobs.list("queued"))

    assert len(found) == 2
    assert [dict(request.url.params) for request in network.requests] == [
        {"state": "queued", "limit": "200"},
        {"state": "queued", "limit": "200", "cursor": "c"},
    ]


def test_the_key_is_in_the_header_alone():
    network = Network((200, JOB))
    with network.client() as client:
        client.jobs.create({"a": 1})
    request = network.requests[0]

    assert request.headers["authorization"] == "Bearer sh_live_k"
    assert "sh_live_k" not in str(request.url)
    assert json.loads(request.content) == {"a": 1}


def test_an_answer_of_a_service_that_is_too_new_is_said_to_be_that():
    network = Network(
        (200, {"new": "shape"}), (200, {"version": "9.0.0", "oldest_client": "8.0.0"})
    )
    with pytest.raises(VersionsApart, match="too old for the service") as refused:
        network.client().jobs.get("job_1")

    assert "pip install 'stillhouse==9.0.0'" == refused.value.problems[0].hint


@pytest.mark.parametrize("told", [(404, {"code": "not_found"}), CUT])
def test_a_service_that_cannot_tell_its_version_is_not_refused_for_that(told):
    network = Network((200, {"data": [], "next_cursor": None, "has_more": False}), told)
    client = network.client()

    assert [] == list(client.models.list())
    client.check_versions()


def test_a_link_is_on_the_server_wherever_a_proxy_shows_it():
    told = {"url": "/stillhouse/v1/links/t", "expires_at": "2026-01-01T00:00:00Z"}
    client = Network((200, told)).client("http://x.example/stillhouse")

    assert "http://x.example/stillhouse/v1/links/t" == client.artifacts.link("art_1").url
