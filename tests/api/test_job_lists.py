"""The list of jobs over HTTP: what can be asked, and what is said of anything else."""

from urllib.parse import quote

import pytest

from tests.support.service import document


def ids(service, query=""):
    answer = service.get(f"/v1/jobs?{query}")
    assert answer.status_code == 200, answer.json()
    return [job["id"] for job in answer.json()["data"]]


def submit(service, **changes):
    return service.post("/v1/jobs", document(**changes)).json()


def test_every_filter_that_is_given_must_hold(service):
    job = submit(service, name="shelf one", project="shelf", labels={"team": "a", "ci": "1"})
    submit(service, name="shelf two", labels={"team": "b"})
    moment = quote(job["created_at"])

    assert ids(service, "project=shelf&label=team=a&label=ci&name=ONE&state=queued") == [job["id"]]
    assert ids(service, "label=team=a&label=team=a&label=ci=2") == []
    assert ids(service, f"created_after={moment}&project=shelf") == []
    assert ids(service, "created_after=2020-01-01T00:00:00%2B02:00&name=one") == [job["id"]]
    assert ids(service, "created_before=2020-01-01T00:00:00Z") == []


def test_the_descendants_of_a_job_are_a_list(service):
    parent = submit(service)
    child = service.post(f"/v1/jobs/{parent['id']}/clone").json()

    assert ids(service, f"parent={parent['id']}") == [child["id"]]


def test_a_list_is_sorted_as_asked_and_goes_on_in_the_same_order(service):
    made = [submit(service, name=name)["id"] for name in ("b", "c", "a")]
    first = service.get("/v1/jobs?sort=name&limit=2")
    linked = first.headers["Link"].removeprefix("<").partition(">")[0]

    assert [job["name"] for job in first.json()["data"]] == ["a", "b"]
    assert [job["name"] for job in service.get(linked).json()["data"]] == ["c"]
    assert ids(service, "sort=created_at") == made
    assert ids(service, "sort=-priority") == made[::-1]


def test_a_cursor_of_another_order_is_refused(service):
    for name in ("a", "b"):
        submit(service, name=name)
    cursor = service.get("/v1/jobs?sort=name&limit=1").json()["next_cursor"]
    problem = service.get(f"/v1/jobs?limit=1&cursor={cursor}").json()

    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/query/cursor")
    assert "sorted by 'name'" in problem["errors"][0]["message"]


def test_an_unknown_sort_or_filter_is_told_what_exists(service):
    sort = service.get("/v1/jobs?sort=updated").json()["errors"][0]
    state = service.get("/v1/jobs?state=done").json()["errors"][0]
    misspelled = service.get("/v1/jobs?stat=queued&limit=1").json()["errors"][0]

    assert sort["pointer"] == "/query/sort"
    assert all(name in f"{sort}" for name in ("created_at", "-priority", "name"))
    assert "succeeded" in f"{state}"
    assert (misspelled["pointer"], misspelled["code"]) == ("/query/stat", "unknown_parameter")
    assert "did you mean" in misspelled["hint"]
    assert "created_before" in misspelled["hint"]


@pytest.mark.parametrize(
    "query",
    [
        "label=",
        "label==x",
        "label=team=a&label=team=b",
        'label=a"b=c',
        "label=a%00=c",
        "label=a=%00",
        "name=%00",
        "project=a%0Ab",
        "created_after=2026-01-01",
        "created_after=2026-01-01T00:00:00",
        "created_after=1767225600",
        "created_before=never",
        "limit=0",
        "limit=201",
        "cursor=x",
        "state=",
    ],
)
def test_a_filter_that_cannot_be_is_refused_with_its_place(service, query):
    answer = service.get(f"/v1/jobs?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"/query/{query.partition('=')[0]}")


def test_a_moment_that_is_before_the_calendar_in_utc_is_before_every_job(service):
    job = service.world.submit()
    answer = service.get("/v1/jobs?created_after=0001-01-01T00:00:00%2B14:00")

    assert [job.id] == [found["id"] for found in answer.json()["data"]]


def test_jobs_are_found_by_teacher_student_and_verdict(service):
    token = service.world.running()
    with service.work() as uow:
        uow.attempts.succeed(token, "passed")
    other = service.world.submit(student={"architecture": "vgg8"}).id

    assert ids(service, "verdict=passed&teacher=resnet18") == [token.job_id]
    assert ids(service, "student=vgg8") == [other]
    assert ids(service, "student=vgg8&verdict=passed") == []
    refused = service.get("/v1/jobs?verdict=pending").json()["errors"][0]
    assert refused["pointer"] == "/query/verdict"
