"""The short way of a poll that finds nothing new: it tells nobody more than the long way would."""

import pytest

from stillhouse.domain.keys import Scope
from tests.support.api import OTHER


@pytest.fixture
def poll(service):
    """As somebody who has seen the job: with any headers, and the key of anybody."""
    path = f"/v1/jobs/{service.world.running().job_id}"
    tag = service.get(path).headers["ETag"]

    def ask(**headers):
        return service.get(path, headers={"If-None-Match": tag, **headers})

    ask.path, ask.tag = path, tag
    return ask


def test_who_has_the_job_as_it_is_gets_a_304_and_the_tag(poll):
    answer = poll()

    assert (304, poll.tag, b"") == (answer.status_code, answer.headers["ETag"], answer.content)
    assert "private, no-cache" == answer.headers["Cache-Control"]


@pytest.mark.parametrize("tags", ['W/"j-999"', "nonsense", '""'])
def test_who_has_something_else_gets_the_job(poll, tags):
    assert 200 == poll(**{"If-None-Match": tags}).status_code


def test_who_may_not_read_is_told_so_though_nothing_has_changed(service, poll):
    keys = {
        "sh_live_" + "0" * 26 + "_" + "0" * 64: 401,
        service.new_key("default", [Scope.DATA_WRITE]): 403,
        service.new_key(OTHER): 404,
    }
    for key, status in keys.items():
        assert status == poll(Authorization=f"Bearer {key}").status_code
    assert 401 == poll(Authorization="Basic abc").status_code


def test_a_key_that_was_revoked_gets_no_304(service, poll):
    key = service.new_key("default")
    assert 304 == poll(Authorization=f"Bearer {key}").status_code
    with service.work() as uow:
        newest = uow.keys.page("default").items[0]
        uow.keys.revoke("default", newest.id)

    assert 401 == poll(Authorization=f"Bearer {key}").status_code


def test_what_is_no_id_is_not_there(service, poll):
    headers = {"If-None-Match": poll.tag}
    for path in ("/v1/jobs/job_", "/v1/jobs/%00", "/v1/jobs/j%C3%A9", "/v1/jobs/" + "0" * 3000):
        assert 404 == service.get(path, headers=headers).status_code


def test_the_place_in_the_queue_is_news_of_a_job_that_waits(service):
    service.world.submit()
    path = f"/v1/jobs/{service.world.submit().id}"
    tag = service.get(path).headers["ETag"]
    assert 304 == service.get(path, headers={"If-None-Match": tag}).status_code
    service.world.claim(service.world.worker().id)

    assert 200 == service.get(path, headers={"If-None-Match": tag}).status_code


def test_a_key_that_is_used_by_polls_alone_is_known_to_be_used(service, poll):
    key = service.new_key("default")
    poll(Authorization=f"Bearer {key}")
    with service.work() as uow:
        newest = uow.keys.page("default").items[0]

    assert newest.last_used_at is not None
