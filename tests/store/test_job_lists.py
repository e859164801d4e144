"""Lists of jobs: every job once whatever the order, and only those that were asked for."""

import itertools

import pytest
from sqlalchemy import update

from stillhouse.domain.pages import Order
from stillhouse.store.tables import JobRow
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
