"""Duplicates: of the same science and gates, with a result or on the way to one."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from stillhouse.domain.failure import ExitClass
from tests.support.service import TENANT, document, failure, job_spec


def duplicate(world, tenant=TENANT, **changes):
    with world.work() as uow:
        return uow.jobs.duplicate_of(tenant, job_spec(**changes))


def found(world, **changes):
    job = duplicate(world, **changes)
    return job and job.id


def test_the_same_science_is_a_duplicate_whatever_people_call_it(world):
    job = world.submit(name="a", labels={"ci": "1"}, priority="low")

    assert found(world, name="b", project="other", limits={"max_runtime_s": 5}) == job.id
    assert found(world, recipe={"epochs": 3}) is None


def test_other_gates_are_another_question(world):
    gates = [{"metric": "top1", "op": ">=", "value": 0.5}]
    job = world.submit(gates=gates)

    assert found(world, gates=gates) == job.id
    assert found(world) is None


def test_one_with_a_result_is_better_than_a_newer_one_without(world):
    token = world.running()
    with world.work() as uow:
        uow.attempts.succeed(token, "not_evaluated")
    world.submit()

    assert found(world) == token.job_id


@pytest.mark.parametrize("state", ["paused", "cancelled", "cancelling", "failed", "deleted"])
def test_what_may_never_have_a_result_is_no_duplicate(world, state):
    token = world.running() if state in {"cancelling", "failed", "deleted"} else None
    job_id = token.job_id if token else world.submit().id
    with world.work() as uow:
        if state == "paused":
            uow.steering.pause(TENANT, job_id)
        elif state in {"cancelled", "cancelling"}:
            uow.steering.cancel(TENANT, job_id)
        elif state == "deleted":
            uow.attempts.succeed(token, "not_evaluated")
            uow.trash.put(TENANT, job_id)
        else:
            uow.attempts.fail(token, failure(ExitClass.DIVERGED))

    assert found(world) is None


def test_another_tenants_job_is_no_duplicate(world):
    world.submit()
    with world.work() as uow:
        uow.tenants.ensure("other")

    assert duplicate(world, "other") is None


def test_of_those_who_ask_at_the_same_moment_one_makes_the_job(world):
    barrier = threading.Barrier(6)

    def submit(_number):
        barrier.wait()
        with world.work() as uow:
            known = uow.jobs.duplicate_of(TENANT, job_spec())
            return (known or uow.jobs.create(TENANT, job_spec(), document())).id

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(submit, range(6)))) == 1
