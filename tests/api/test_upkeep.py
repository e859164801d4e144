"""Change, delete and restore over HTTP: in front of the versions and of the trash."""

import pytest

from api.jobs.schemas import JobPatch
from stillhouse.domain.job_spec import CHANGEABLE, JobSpec
from tests.support.api import OTHER
from tests.support.service import document


@pytest.fixture
def job(service):
    return service.post("/v1/jobs", document(name="a", labels={"team": "x"})).json()


def here(job):
    return job["links"]["self"]


def tag(job):
    return f'W/"j-{job["version"]}"'


def patch(service, job, changes, **options):
    return service.call("PATCH", here(job), json=changes, **options)


def cancelled(service, job):
    return service.post(f"{here(job)}/cancel").json()


def test_a_job_is_changed_and_says_its_new_version(service, job):
    changes = {"name": "b", "labels": {"team": None, "ci": "7"}, "priority": "high"}
    answer = patch(service, job, changes)
    after = answer.json()

    assert (answer.status_code, answer.headers["ETag"]) == (200, tag(after))
    assert (after["name"], after["labels"], after["priority"]) == ("b", {"ci": "7"}, "high")
    assert after["version"] == job["version"] + 1
    assert service.get(here(job)).json() == after


def test_a_clone_has_what_was_changed_and_the_rest_as_it_was_sent(service, job):
    patch(service, job, {"name": "b", "labels": {"team": None}})
    copy = service.post(f"{here(job)}/clone").json()

    assert copy["spec"] == {**job["spec"], "name": "b", "labels": {}}


def test_a_change_of_an_older_version_is_refused_with_the_tag_of_this_one(service, job):
    first = patch(service, job, {"name": "b"}, headers={"If-Match": tag(job)})
    second = patch(service, job, {"name": "c"}, headers={"If-Match": tag(job)})

    assert (first.status_code, second.status_code) == (200, 412)
    assert second.json()["current"] == tag(first.json())
    assert service.get(here(job)).json()["name"] == "b"


def test_nulls_and_an_empty_change_leave_everything_as_it_is(service, job):
    nothing = {"name": None, "labels": None, "priority": None}

    assert patch(service, job, {}).json() == patch(service, job, nothing).json() == job


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"colour": "b"}, "/colour"),
        ({"priority": "urgent"}, "/priority"),
        ({"labels": {"a b": "x"}}, "/labels/a b"),
        ({"labels": {"a": 1}}, "/labels/a"),
        ({"labels": {f"k{n}": "" for n in range(17)}}, "/labels"),
        ({"spec": {}}, "/spec"),
    ],
)
def test_a_wrong_change_changes_nothing(service, job, changes, pointer):
    answer = patch(service, job, changes)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert service.get(here(job)).json() == job


def test_the_priority_of_a_job_that_runs_is_what_it_was(service):
    token = service.world.running()
    problem = service.call("PATCH", f"/v1/jobs/{token.job_id}", json={"priority": "low"}).json()

    assert (problem["status"], problem["code"], problem["current"]) == (
        409,
        "not_waiting",
        "running",
    )


def test_a_deleted_job_is_not_there_on_any_way_until_it_is_restored(service, job):
    over = cancelled(service, job)
    deleted = service.delete(here(job))
    gone = {link: service.get(link).status_code for link in job["links"].values()}
    (listed,) = service.get("/v1/jobs?trash=true").json()["data"]
    restored = service.post(f"{here(job)}/restore")
    again = service.post(f"{here(job)}/restore")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert {*gone.values()} == {404}
    assert listed["id"] == job["id"]
    assert listed["deleted_at"] is not None
    assert (restored.status_code, again.status_code) == (202, 200)
    assert restored.json() == {**over, "version": over["version"] + 2}
    assert service.get("/v1/jobs?trash=true").json()["data"] == []


def test_what_is_not_over_is_not_deleted_and_the_way_out_is_told(service, job):
    problem = service.delete(here(job)).json()

    assert (problem["status"], problem["code"], problem["current"]) == (409, "not_over", "queued")
    assert "cancel it first" in problem["hint"]


def test_a_deletion_of_an_older_version_is_refused(service, job):
    cancelled(service, job)
    answer = service.delete(here(job), headers={"If-Match": tag(job)})

    assert answer.status_code == 412
    assert service.get(here(job)).status_code == 200


def test_another_tenant_neither_changes_nor_deletes_nor_restores(service, job):
    other = service.new_key(OTHER)
    over = cancelled(service, job)

    assert patch(service, job, {"name": "b"}, key=other).status_code == 404
    assert service.delete(here(job), key=other).status_code == 404
    assert service.post(f"{here(job)}/restore", key=other).status_code == 404
    assert service.get(here(job)).json() == over


def test_what_may_be_changed_is_no_science():
    assert set(CHANGEABLE) <= JobSpec.NOT_SCIENCE
    assert set(CHANGEABLE) == set(JobPatch.model_fields)
