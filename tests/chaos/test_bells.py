"""Bells may be lost and doubled; a job is claimed once all the same."""

from collections import Counter

import pytest

from stillhouse.domain.job import State

MANY = 200


def claims(service, jobs):
    """How often each job was begun."""
    return Counter(
        job.id for job in jobs for event in service.events(job.id) if event.type == "job.starting"
    )


def all_succeeded(service):
    with service.work() as uow:
        waiting = uow.jobs.page("default", limit=1, states=list(set(State) - {State.SUCCEEDED}))
    return not waiting.items


@pytest.mark.slow
def test_two_workers_never_claim_the_same_of_200_jobs(service):
    jobs = [service.submit_and_ring() for _ in range(MANY)]
    for name in ("a", "b"):
        service.start_noop_worker(name)
    service.wait(lambda: all_succeeded(service), "jobs are left", within_s=120)

    with service.work() as uow:
        workers = {uow.jobs.attempts(job)[-1].worker_id for job in jobs}
    assert {job.id: 1 for job in jobs} == claims(service, jobs)
    assert 2 == len(workers)
    service.wait(lambda: service.trainers() == [], "a trainer is left", within_s=10)


@pytest.mark.slow
def test_20_queued_jobs_outlive_a_flushed_broker(service):
    jobs = [service.submit_and_ring() for _ in range(20)]
    assert "+OK" == service.broker.ask("FLUSHALL")
    service.start_noop_worker("a")
    service.start_reconciler()
    service.wait(lambda: all_succeeded(service), "jobs are left")

    assert {job.id: 1 for job in jobs} == claims(service, jobs)
