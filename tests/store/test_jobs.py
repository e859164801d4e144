"""Jobs as users see them: created whole, and listed without gaps."""

import pytest
from sqlalchemy import update

from stillhouse.domain.errors import Invalid, NotFound
from stillhouse.domain.job import State
from stillhouse.store.tables import JobRow
from tests.support.service import TENANT, document, job_spec


def test_a_new_job_is_queued_with_its_first_events_and_a_bell(world):
    job = world.submit(name="first", labels={"team": "a"}, priority="high")
    with world.work() as uow:
        bells = uow.outbox.due()

    assert (job.state, job.version, job.attempt) == (State.QUEUED, 1, 0)
    assert (job.priority, job.labels, job.queue) == ("high", {"team": "a"}, "any")
    assert job.spec == document(name="first", labels={"team": "a"}, priority="high")
    assert job.resolved["recipe"]["epochs"] > 0
    assert world.event_log(job.id) == [(1, "job.created"), (2, "job.queued")]
    assert [(bell.bell, bell.subject) for bell in bells] == [("job", job.id)]
    assert (job.queue_deadline - job.created_at).total_seconds() == pytest.approx(604_800, abs=1)


def test_another_tenants_job_is_not_there(world):
    job = world.submit()
    with world.work() as uow:
        uow.tenants.ensure("other")

    with pytest.raises(NotFound), world.work() as uow:
        uow.jobs.get("other", job.id)
    with pytest.raises(NotFound), world.work() as uow:
        uow.steering.cancel("other", job.id)
    with world.work() as uow:
        assert uow.jobs.page("other").items == []
        assert uow.events.after("other", job.id) == []


def test_pages_show_every_job_once_newest_first(world):
    ids = [world.submit().id for _ in range(7)]
    seen, times, cursor = [], [], None
    with world.work() as uow:
        while True:
            page = uow.jobs.page(TENANT, limit=3, cursor=cursor)
            seen += [job.id for job in page.items]
            times += [job.created_at for job in page.items]
            cursor = page.next
            if not page.has_more:
                break

    assert sorted(seen) == sorted(ids)
    assert times == sorted(times, reverse=True)


def test_a_job_that_arrives_between_two_pages_shifts_nothing(world):
    ids = [world.submit().id for _ in range(4)]
    with world.work() as uow:
        first = uow.jobs.page(TENANT, limit=2)
    world.submit()
    with world.work() as uow:
        second = uow.jobs.page(TENANT, limit=2, cursor=first.next)

    assert {*ids} == {job.id for job in [*first.items, *second.items]}


def test_every_filter_that_is_given_must_hold(world):
    wanted = world.submit(project="shelf", labels={"team": "a"})
    world.submit(project="shelf", labels={"team": "b"})
    world.submit(project="shelf")
    world.submit(labels={"team": "a"})
    with world.work() as uow:
        found = uow.jobs.page(TENANT, project="shelf", labels={"team": "a"}, states=[State.QUEUED])
        none = uow.jobs.page(TENANT, states=[State.RUNNING])

    assert [wanted.id] == [job.id for job in found.items]
    assert list(none.items) == []


def test_a_job_that_waited_too_long_expires_and_is_never_claimed(world, engine):
    job = world.submit(limits={"queue_ttl_s": 1})
    fresh = world.submit()
    with engine.begin() as connection:
        overdue = update(JobRow).where(JobRow.id == job.id)
        connection.execute(overdue.values(queue_deadline=JobRow.created_at))
    claimed = world.claim(world.worker().id)
    with world.work() as uow:
        expired = uow.jobs.expire_overdue()

    assert claimed.job.id == fresh.id
    assert [job.id] == [row.id for row in expired]
    assert world.job(job.id).state is State.EXPIRED
    assert world.event_log(job.id)[-1] == (3, "job.expired")


def test_inputs_that_are_not_there_or_not_ready_are_refused_with_their_pointers(world):
    upload = world.uploaded()
    with world.work() as uow:
        model = uow.models.create(TENANT, upload.id, name="m", declared={})
    teacher = {"architecture": "resnet18", "checkpoint": model.id}
    data = {"dataset": "ds_06chj90000s00000000000001g@1"}

    with pytest.raises(Invalid) as refusal, world.work() as uow:
        uow.jobs.create(TENANT, job_spec(teacher=teacher, data=data), {})
    assert [(p.pointer, p.code) for p in refusal.value.problems] == [
        ("/teacher/checkpoint", "not_ready"),
        ("/data/dataset", "unknown_data_set"),
    ]
    with world.work() as uow:
        assert uow.jobs.page(TENANT).items == []


def test_what_was_sent_comes_back_as_it_was_spelled(world):
    sent = {"loss": "kd", "äöü": "ß", "numbers": [1e-3, 2**53 + 1, True, None]}
    with world.work() as uow:
        job = uow.jobs.create(TENANT, job_spec(), sent)

    assert world.job(job.id).spec == sent
    assert list(world.job(job.id).spec) == list(sent)
