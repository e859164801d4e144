"""Events, curves and logs of a job, as JSON."""

import re

import pytest

from api.jobs import logs
from stillhouse.domain.events import Level, LogLine, MetricPoint, Stream
from stillhouse.store.leases import Token
from tests.support.service import document


@pytest.fixture
def job(service):
    """The path of a running job that has said something."""
    token = service.world.running()
    points = [MetricPoint("train/loss", step, 1 / (step + 1), epoch=1) for step in range(20)]
    points += [MetricPoint("val/top1", 19, 0.5), MetricPoint("val/loss", 19, None, nonfinite="nan")]
    lines = [LogLine(f"line {n}") for n in range(5)] + [LogLine("oh", Stream.STDERR)]
    with service.work() as uow:
        uow.attempts.report(token, 1, points=points, lines=lines)
    return f"/v1/jobs/{token.job_id}"


def test_events_are_in_order_and_go_on(service, job):
    first = service.get(f"{job}/events?limit=3").json()
    rest = service.get(f"{job}/events?after_seq={first['next_after_seq']}").json()
    none = service.get(f"{job}/events?after_seq={rest['next_after_seq']}").json()

    events = first["data"] + rest["data"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events[:4]] == [
        "job.created",
        "job.queued",
        "job.starting",
        "job.started",
    ]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert none == {"data": [], "next_after_seq": len(events), "has_more": False}
    assert events[0]["at"].endswith("Z")
    assert (events[0]["attempt"], events[-1]["attempt"]) == (0, 1)


def test_logs_are_in_order_and_can_be_of_one_stream(service, job):
    everything = service.get(f"{job}/logs").json()
    errors = service.get(f"{job}/logs?stream=stderr").json()
    first = service.get(f"{job}/logs?limit=2").json()

    assert [line["text"] for line in everything["data"]] == [
        *(f"line {n}" for n in range(5)),
        "oh",
    ]
    assert set(everything["data"][0]) == {"seq", "at", "attempt", "stream", "level", "text"}
    assert [(line["seq"], line["stream"]) for line in errors["data"]] == [(6, "stderr")]
    assert (first["next_after_seq"], first["has_more"]) == (2, True)


def test_logs_can_be_of_a_level_and_of_some_letters(service, job):
    row = service.world.job(job.removeprefix("/v1/jobs/"))
    token = Token(row.id, row.attempt, row.lease_owner)
    lines = [LogLine("odd", Stream.SUPERVISOR, Level.WARNING), LogLine("bad", level=Level.ERROR)]
    with service.work() as uow:
        uow.attempts.report(token, 2, lines=lines)

    def texts(query):
        return [line["text"] for line in service.get(f"{job}/logs?{query}").json()["data"]]

    assert ["odd", "bad"] == texts("level=warning")
    assert ["bad"] == texts("level=error") == texts("contains=ba")
    assert ["line 3", "line 4"] == texts("contains=line&after_seq=3")
    assert [] == texts("contains=LINE")


def test_logs_are_a_text_for_who_asks_for_one(service, job):
    answer = service.get(f"{job}/logs?after_seq=3&limit=1", headers={"Accept": "text/plain"})
    *_, name = job.split("/")
    [first, *others] = answer.text.splitlines()

    assert "text/plain; charset=utf-8" == answer.headers["Content-Type"]
    assert f'attachment; filename="{name}.log"' == answer.headers["Content-Disposition"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z 1 stdout +info +line 3", first)
    assert ["line 4", "oh"] == [line[-6:].strip() for line in others]
    assert answer.text.endswith("oh\n")


def test_a_text_is_longer_than_one_look_at_the_books(service):
    token = service.world.running()
    count = 2 * logs.BATCH
    with service.work() as uow:
        uow.attempts.report(token, 1, lines=[LogLine(str(n)) for n in range(count)])
    path = f"/v1/jobs/{token.job_id}/logs"
    lines = service.get(path, headers={"Accept": "text/plain"}).text.splitlines()

    assert [str(n) for n in range(count)] == [line.split()[-1] for line in lines]


def test_curves_can_be_of_one_attempt(service, job):
    assert [] == service.get(f"{job}/metrics?attempt=2").json()["series"]
    assert 3 == len(service.get(f"{job}/metrics?attempt=1").json()["series"])


def test_curves_have_steps_and_values(service, job):
    series = {one["name"]: one for one in service.get(f"{job}/metrics").json()["series"]}

    assert set(series) == {"train/loss", "val/top1", "val/loss"}
    assert series["train/loss"]["steps"] == list(range(20))
    assert series["train/loss"]["epochs"] == [1] * 20
    assert series["val/top1"]["values"] == [0.5]


def test_what_is_no_number_is_null_and_says_which_it_was(service, job):
    answer = service.get(f"{job}/metrics?names=val/loss")

    [series] = answer.json()["series"]
    assert (series["values"], series["nonfinite"]) == ([None], ["nan"])
    assert "NaN" not in answer.text


def test_curves_can_be_chosen_shortened_and_gone_on_with(service, job):
    chosen = service.get(f"{job}/metrics?names=val/top1,train/loss&since_step=15").json()
    between = service.get(f"{job}/metrics?names=train/loss&since_step=2&until_step=4").json()
    [short] = service.get(f"{job}/metrics?names=train/loss&max_points=4").json()["series"]

    assert [(one["name"], one["steps"][0]) for one in chosen["series"]] == [
        ("train/loss", 15),
        ("val/top1", 19),
    ]
    assert [one["steps"] for one in between["series"]] == [[2, 3, 4]]
    assert (len(short["steps"]), short["sampled"]) == (4, True)
    assert (short["steps"][0], short["steps"][-1]) == (0, 19)


@pytest.mark.parametrize(
    ("view", "pointer"),
    [
        ("events?after_seq=-1", "/query/after_seq"),
        ("events?limit=0", "/query/limit"),
        ("events?after_seq=" + "9" * 25, "/query/after_seq"),
        ("logs?stream=stdin", "/query/stream/0"),
        ("logs?level=loud", "/query/level"),
        ("logs?contains=a%00b", "/query/contains"),
        ("logs?contains=" + "x" * 201, "/query/contains"),
        ("metrics?attempt=0", "/query/attempt"),
        ("metrics?max_points=1", "/query/max_points"),
        ("metrics?since_step=x", "/query/since_step"),
        ("metrics?until_step=-1", "/query/until_step"),
    ],
)
def test_a_wrong_question_is_a_422(service, job, view, pointer):
    answer = service.get(f"{job}/{view}")

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("view", ["events", "logs", "metrics", "artifacts"])
def test_of_a_job_that_is_not_there_nothing_is_told(service, view):
    assert service.get(f"/v1/jobs/job_{'0' * 26}/{view}").status_code == 404


def test_a_job_that_nobody_started_has_little_to_tell(service):
    links = service.post("/v1/jobs", document()).json()["links"]

    assert service.get(links["metrics"]).json() == {"series": []}
    assert service.get(links["logs"]).json() == {
        "data": [],
        "next_after_seq": 0,
        "has_more": False,
    }
    assert service.get(links["artifacts"]).json() == {"data": []}
    assert service.get(f"{links['metrics']}?names=%00").status_code == 200
