"""Tags: an answer that a client has already is not made again, and one that changed always is."""

import json
from itertools import chain

import pytest
from sqlalchemy import event

from stillhouse.domain.events import EventType, LogLine, MetricPoint, NewEvent
from stillhouse.domain.failure import ExitClass
from tests.support.api import OTHER
from tests.support.service import checkpoint, document, failure

VIEWS = ["", "/verdict", "/events", "/logs", "/metrics"]
PROGRESS = NewEvent(EventType.PROGRESS, {"phase": "training", "step": 1, "total_steps": 2})


def polled(service, path, tag):
    return service.get(path, headers={"If-None-Match": tag})


def statements(service, ask):
    """What a request reads from the database."""
    read = []
    engine = service.services.sessions.kw["bind"]

    def note(_connection, _cursor, statement, *_):
        if statement.startswith("SELECT"):
            read.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return read


@pytest.mark.parametrize("view", VIEWS)
def test_what_has_not_changed_is_not_sent_again(service, view):
    path = f"/v1/jobs/{service.world.running().job_id}{view}"
    first = service.get(path)
    again = polled(service, path, first.headers["ETag"])

    assert (200, True) == (first.status_code, first.headers["ETag"].startswith('W/"'))
    assert (304, b"") == (again.status_code, again.content)
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "private, no-cache" == first.headers["Cache-Control"] == again.headers["Cache-Control"]
    assert {"content-type", "content-length"}.isdisjoint(again.headers)


def test_a_list_has_a_tag_too(service):
    for _ in range(3):
        service.world.submit()
    first = service.get("/v1/jobs?limit=2")
    again = polled(service, "/v1/jobs?limit=2", first.headers["ETag"])

    assert (304, b"") == (again.status_code, again.content)
    assert first.headers["Link"] == again.headers["Link"]
    assert 200 == polled(service, "/v1/jobs?limit=1", first.headers["ETag"]).status_code


def test_a_poll_that_finds_nothing_new_reads_the_key_and_three_numbers(service):
    token = service.world.running()
    path = f"/v1/jobs/{token.job_id}"
    tag = service.get(path).headers["ETag"]
    [asked] = statements(service, lambda: polled(service, path, tag))

    assert "api_key" in asked
    assert {"spec", "resolved", "attempt"}.isdisjoint(asked.replace(".", " ").split())


def happen(service, token):
    """Everything that can become of a running job, one thing after another."""
    uow = service.work
    with uow() as work:
        work.attempts.report(token, 1, events=[PROGRESS])
    yield "progress"
    with uow() as work:
        work.attempts.report(token, 2, lines=[LogLine("said")])
    yield "a line"
    with uow() as work:
        work.attempts.report(token, 3, points=[MetricPoint("train/loss", 1, 0.5)])
    yield "a point"
    with uow() as work:
        work.attempts.save_checkpoint(token, checkpoint(5))
    yield "a checkpoint"
    with uow() as work:
        work.attempts.fail(token, failure())
    yield "the loss of the attempt"
    claim = service.world.claim(service.world.worker("box:2").id)
    yield "a second attempt"
    with uow() as work:
        work.attempts.start(claim.token)
    yield "its start"
    service.post(f"/v1/jobs/{token.job_id}/cancel")
    yield "a cancellation"
    with uow() as work:
        work.attempts.stop(claim.token)
    yield "the end"


@pytest.mark.parametrize("path", [f"/v1/jobs/JOB{view}" for view in VIEWS] + ["/v1/jobs"])
def test_a_tag_is_never_that_of_another_body(service, path):
    token = service.world.running(gates=[{"metric": "top1", "op": ">=", "value": 0.5}])
    path = path.replace("JOB", token.job_id)
    bodies = {}
    for what in chain(["the start"], happen(service, token)):
        answer = service.get(path)
        known = bodies.setdefault(answer.headers["ETag"], answer.json())

        assert known == answer.json(), what
        assert 304 == polled(service, path, answer.headers["ETag"]).status_code, what
    assert len({json.dumps(body) for body in bodies.values()}) > 1


def test_the_verdict_of_a_job_that_goes_on_keeps_its_tag(service):
    token = service.world.running()
    path = f"/v1/jobs/{token.job_id}/verdict"
    tag = service.get(path).headers["ETag"]
    with service.work() as uow:
        uow.attempts.report(token, 1, events=[PROGRESS])
    while_it_runs = polled(service, path, tag).status_code
    with service.work() as uow:
        uow.attempts.fail(token, failure(ExitClass.USER_ERROR))

    assert (304, 200) == (while_it_runs, polled(service, path, tag).status_code)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ("{}", 304),
        ('"other", {}', 304),
        ("*", 304),
        ('W/"j-1', 200),
        ('"j-999"', 200),
        ("j-1", 200),
        ("", 200),
    ],
)
def test_tags_come_in_lists_and_nonsense_is_no_tag(service, form, status):
    path = f"/v1/jobs/{service.world.submit().id}"
    tag = service.get(path).headers["ETag"]

    assert status == polled(service, path, form.format(tag)).status_code


def test_a_strong_form_of_the_tag_is_as_good(service):
    path = f"/v1/jobs/{service.world.submit().id}"
    tag = service.get(path).headers["ETag"]

    assert 304 == polled(service, path, tag.removeprefix("W/")).status_code


def test_a_tag_opens_nothing_of_another_tenant(service):
    job = service.post("/v1/jobs", document()).json()["id"]
    other = service.new_key(OTHER)
    for view in VIEWS:
        answer = service.get(f"/v1/jobs/{job}{view}", key=other, headers={"If-None-Match": "*"})

        assert 404 == answer.status_code


def test_the_document_tells_of_tags(service):
    paths = service.client.get("/openapi.json").json()["paths"]
    for path in ("/v1/jobs", *(f"/v1/jobs/{{job_id}}{view}" for view in VIEWS)):
        operation = paths[path]["get"]

        assert "If-None-Match" in [one["name"] for one in operation["parameters"]], path
        assert "ETag" in operation["responses"]["200"]["headers"], path
        assert "content" not in operation["responses"]["304"], path
