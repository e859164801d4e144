"""The queue: urgent jobs first, then fair shares, then age; and each job knows where it is."""

import pytest

from stillhouse.domain.job import State
from stillhouse.domain.waiting import WaitReason, place
from tests.support.service import TENANT


def places(world, *jobs):
    with world.work() as uow:
        return [uow.queueing.place(uow.jobs.get(job.tenant_id, job.id)) for job in jobs]


def positions(world, *jobs):
    return [place and place.position for place in places(world, *jobs)]


def test_the_urgent_go_first_and_then_the_oldest(world):
    second, third = world.submit(), world.submit()
    first, last = world.submit(priority="high"), world.submit(priority="low")

    assert positions(world, first, second, third, last) == [1, 2, 3, 4]


def test_a_project_with_jobs_at_work_lets_the_others_go_first(world):
    worker = world.worker().id
    crowd = [world.submit(project="crowd") for _ in range(3)]
    alone = world.submit(project="alone")
    other = world.submit(project="crowd", priority="high")
    taken = [world.claim(worker).job.id for _ in range(4)]

    assert taken == [other.id, alone.id, crowd[0].id, crowd[1].id]


def test_the_same_project_of_two_tenants_is_two(world):
    with world.work() as uow:
        uow.tenants.ensure("other")
    worker = world.worker().id
    first, second = world.submit(), world.submit()
    theirs = world.submit(tenant="other")

    assert [world.claim(worker).job.id for _ in range(3)] == [first.id, theirs.id, second.id]


def test_what_is_first_in_the_queue_is_what_is_claimed_next(world):
    worker = world.worker().id
    jobs = [
        world.submit(project=project, priority=priority)
        for priority in ("normal", "high")
        for project in ("a", "a", "b", "a")
    ]
    order = []
    for _ in jobs:
        queued = [job for job in jobs if world.job(job.id).state is State.QUEUED]
        found = positions(world, *queued)
        order.append(world.claim(worker).job.id)

        assert sorted(found) == list(range(1, len(queued) + 1))
        assert queued[found.index(1)].id == order[-1]
    assert len(set(order)) == len(jobs)


def test_jobs_that_no_common_worker_takes_do_not_wait_for_each_other(world):
    cpu = world.submit(resources={"device": "cpu"})
    gpu = world.submit(resources={"device": "cuda"})
    both = world.submit()

    assert positions(world, cpu, gpu, both) == [1, 1, 3]


def test_a_job_tells_why_it_waits(world):
    gpu, first, second = world.submit(resources={"device": "cuda"}), world.submit(), world.submit()
    assert {place.reason for place in places(world, gpu, first)} == {WaitReason.NO_WORKER}

    worker = world.worker().id
    third, fourth = world.submit(), world.submit()
    world.claim(worker)
    [on_gpu, next_one, later] = places(world, gpu, second, fourth)

    assert on_gpu.reason is WaitReason.NO_WORKER
    assert (next_one.position, next_one.reason) == (2, WaitReason.JOBS_AHEAD)
    assert (later.position, later.reason) == (4, WaitReason.JOBS_AHEAD)
    with world.work() as uow:
        uow.steering.cancel(TENANT, gpu.id)
    [next_one] = places(world, second)
    assert (next_one.position, next_one.reason) == (1, WaitReason.WORKERS_BUSY)
    world.worker("box:2")
    [next_one, after] = places(world, second, third)
    assert next_one.reason is WaitReason.ABOUT_TO_START
    assert after.reason is WaitReason.JOBS_AHEAD


def test_a_worker_that_is_draining_takes_nothing(world):
    job, worker = world.submit(), world.worker().id
    with world.work() as uow:
        uow.workers.drain(worker)

    assert places(world, job)[0].reason is WaitReason.NO_WORKER


def test_what_does_not_wait_in_the_queue_has_no_place(world):
    paused = world.submit()
    with world.work() as uow:
        uow.steering.pause(TENANT, paused.id)
    token = world.running()

    assert places(world, paused, world.job(token.job_id)) == [None, None]


@pytest.mark.parametrize(
    ("position", "workers", "free", "reason"),
    [
        (1, 0, 0, "no_worker"),
        (1, 1, 0, "workers_busy"),
        (2, 1, 0, "jobs_ahead"),
        (2, 1, 1, "jobs_ahead"),
        (2, 2, 2, "about_to_start"),
    ],
)
def test_the_reason_follows_from_the_place_and_the_workers(position, workers, free, reason):
    assert place(position, workers=workers, free_slots=free).reason == reason
