"""Lists of jobs: every job once whatever the order, and only those that were asked for."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from stillhouse.domain.job import State
from stillhouse.domain.pages import Order
from stillhouse.store import job_marks
from stillhouse.store.steering import Changes
from stillhouse.store.tables import JobLabelRow, JobRow
from tests.support.service import TENANT

ORDERS = ["created_at", "-created_at", "name", "-name", "priority", "-priority"]


@pytest.fixture
def shelf(world, engine):
    """Jobs that are alike in most of what they can be sorted by, two of them to the microsecond."""
    rows = itertools.product(["a", "B"], ["low", "high"], range(2))
    jobs = [world.submit(name=name, priority=priority) for name, priority, _ in rows]
    with engine.begin() as connection:
        twins = update(JobRow).where(JobRow.id.in_([jobs[2].id, jobs[5].id]))
        connection.execute(twins.values(created_at=jobs[0].created_at))
    return [world.job(job.id) for job in jobs]


def nothing():
    pass


def listed(world, *, limit=3, between=nothing, **asked):
    """The ids of all pages; something happens after the first."""
    found, cursor = [], None
    while True:
        with world.work() as uow:
            page = uow.jobs.page(TENANT, limit=limit, cursor=cursor, **asked)
        found += [job.id for job in page.items]
        cursor = page.next
        if cursor is None:
            return found
        between()
        between = nothing


@pytest.mark.parametrize("sort", ORDERS)
def test_pages_show_every_job_once_and_in_order(world, shelf, sort):
    order = Order.read(sort)
    found = listed(world, order=order)
    column = {"priority": "priority_rank"}.get(order.by, order.by)
    by_id = {job.id: getattr(job, column) for job in shelf}
    values = [by_id[job_id] for job_id in found]

    assert sorted(found) == sorted(by_id)
    assert len(list(itertools.groupby(values))) == len(set(values))
    assert found == listed(world, order=order, limit=200)
    assert found[::-1] == listed(world, order=Order(order.by, not order.descending))


@pytest.mark.parametrize("sort", ORDERS)
def test_jobs_that_arrive_between_two_pages_shift_nothing(world, shelf, sort):
    def arrive():
        for name, priority in itertools.product(["a", "B", "c"], ["low", "normal", "high"]):
            world.submit(name=name, priority=priority)

    before = listed(world, order=Order.read(sort))
    found = listed(world, order=Order.read(sort), between=arrive)

    assert len(found) == len(set(found))
    assert before == [job_id for job_id in found if job_id in before]
    assert {job.id for job in shelf} <= set(found)


def test_labels_are_found_by_their_value_or_by_their_key_alone(world):
    first = world.submit(labels={"team.x/y": "a=b", "ci": "1"}).id
    second = world.submit(labels={"team.x/y": ""}).id
    world.submit(labels={"ci": "2"})

    assert listed(world, labels={"team.x/y": "a=b"}) == [first]
    assert listed(world, labels={"team.x/y": None}) == [second, first]
    assert listed(world, labels={"team.x/y": "", "ci": None}) == []


def test_a_name_is_found_by_any_part_of_it_and_signs_of_sql_are_letters(world):
    plain, odd = world.submit(name="Shelf one").id, world.submit(name="100%_sure").id

    assert listed(world, name="sHELF") == [plain]
    assert listed(world, name="%_s") == [odd]
    assert listed(world, name="0_s") == []


def test_jobs_are_found_by_when_they_were_submitted(world, shelf):
    first, last = shelf[0], shelf[-1]

    assert last.id in listed(world, created_after=first.created_at)
    assert first.id not in listed(world, created_after=first.created_at)
    assert listed(world, created_after=first.created_at, created_before=first.created_at) == []


@pytest.mark.parametrize("enough", [2, 1000])
@pytest.mark.parametrize("sort", ORDERS)
def test_jobs_of_several_states_and_labels_are_those_of_a_plain_search(
    world, sort, enough, monkeypatch
):
    """Every page of every order, whatever range of which index it is read from."""
    monkeypatch.setattr(job_marks, "ENOUGH", enough)
    jobs = []
    for number in range(14):
        labels = {"even": str(number % 2 == 0)} | ({"third": ""} if number % 3 == 0 else {})
        jobs.append(world.submit(name=f"n{number % 4}", labels=labels).id)
    for job_id in jobs[::2]:
        with world.work() as uow:
            uow.steering.pause(TENANT, job_id)
    for job_id in jobs[::5]:
        with world.work() as uow:
            uow.steering.cancel(TENANT, job_id)

    def plain(states, labels):
        every = [world.job(job_id) for job_id in listed(world, order=Order.read(sort))]
        return [
            job.id
            for job in every
            if job.state in states
            and all(
                key in job.labels and value in {None, job.labels[key]}
                for key, value in labels.items()
            )
        ]

    for states in ([State.QUEUED, State.PAUSED], [State.CANCELLED], list(State)):
        for labels in ({}, {"even": "True"}, {"third": None}, {"third": None, "even": "True"}):
            found = listed(world, order=Order.read(sort), states=states, labels=labels)
            assert plain(states, labels) == found


def test_jobs_are_found_by_every_name_of_their_models(world):
    model = world.ready_model()
    registered = {"architecture": "resnet18", "checkpoint": model}
    two = [{**registered}, {**registered}]
    first = world.submit(labels={"ci": "1"}).id
    second = world.submit(teacher=registered, labels={"ci": "1"}).id
    third = world.submit(teacher=None, teachers=two, student={"architecture": "vgg8"}).id
    alone = world.submit(teacher=None, loss="ce").id

    assert [third, second, first] == listed(world, teacher="resnet18", limit=2)
    assert [third, second] == listed(world, teacher=model)
    assert [alone, second, first] == listed(world, student="resnet10t")
    assert [second] == listed(world, teacher=model, student="resnet10t", labels={"ci": "1"})
    assert [second] == listed(world, teacher=model, labels={"ci": None}, states=[State.QUEUED])
    assert [] == listed(world, teacher="resnet10t")


@pytest.mark.parametrize("sort", ORDERS)
def test_jobs_are_found_by_what_their_gates_said(world, sort):
    said = {}
    for verdict in ("passed", "failed", "not_evaluated", "passed"):
        token = world.running()
        with world.work() as uow:
            uow.attempts.succeed(token, verdict)
        said.setdefault(verdict, []).append(token.job_id)
    world.submit()
    order = Order.read(sort)

    for verdict, jobs in said.items():
        assert sorted(jobs) == sorted(listed(world, verdict=verdict, order=order, limit=1))
        assert sorted(jobs) == sorted(
            listed(world, verdict=verdict, order=order, student="resnet10t")
        )


def test_a_job_is_found_by_the_labels_that_it_was_given_later(world):
    job = world.submit(labels={"ci": "1", "kept": "yes"})
    with world.work() as uow:
        uow.steering.change(TENANT, job.id, Changes(labels={"ci": "2", "new": ""}))

    assert [] == listed(world, labels={"ci": "1"})
    assert [job.id] == listed(world, labels={"ci": "2", "new": None, "kept": "yes"})


def test_labels_are_forgotten_with_their_job(world, engine):
    job = world.submit(labels={"ci": "1"})
    with world.work() as uow:
        uow.steering.cancel(TENANT, job.id)
        uow.trash.put(TENANT, job.id)

    assert [job.id] == listed(world, labels={"ci": "1"}, in_trash=True)
    with world.work() as uow:
        assert [job.id] == uow.trash.empty(timedelta(seconds=-1))
    with engine.connect() as connection:
        assert [] == connection.execute(select(JobLabelRow.key)).all()
