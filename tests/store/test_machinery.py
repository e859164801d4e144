"""Keys, idempotency, bells, workers and locks: the parts that keep the service honest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from stillhouse.domain.errors import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    NotFound,
    Unauthenticated,
)
from stillhouse.domain.keys import Scope
from stillhouse.store.idempotency import Request
from stillhouse.store.tables import ApiKeyRow, IdempotencyRow
from stillhouse.store.tables.machinery import Bell, WorkerState
from tests.support.service import SPENT, TENANT


def key_of(world, **changes):
    with world.work() as uow:
        return uow.keys.create(TENANT, "laptop", [Scope.JOBS_READ], **changes)


def test_a_key_opens_its_tenant_and_its_secret_is_not_in_the_table(world):
    key, token = key_of(world)
    with world.work() as uow:
        principal = uow.keys.authenticate(token)
        (listed,) = uow.keys.page(TENANT).items

    assert (principal.key_id, principal.realm.tenant_id) == (key.id, TENANT)
    assert principal.may(Scope.JOBS_READ)
    assert not principal.may(Scope.JOBS_WRITE)
    assert token.rsplit("_", maxsplit=1)[-1] not in str(vars(listed))


def test_a_wrong_an_expired_and_a_revoked_key_are_refused(world, engine):
    key, token = key_of(world)
    late_key, late = key_of(world)
    other_key, other = key_of(world)
    with engine.begin() as connection:
        expired = update(ApiKeyRow).where(ApiKeyRow.id == late_key.id)
        connection.execute(expired.values(expires_at=ApiKeyRow.created_at))
    with world.work() as uow:
        uow.keys.revoke(TENANT, other_key.id)
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    for refused in (
        wrong,
        late,
        other,
        "",
        "sh_live_",
        token.replace(key.id[4:], other_key.id[4:]),
    ):
        with pytest.raises(Unauthenticated) as refusal, world.work() as uow:
            uow.keys.authenticate(refused)
        assert "hash" not in str(refusal.value)


def test_another_tenants_key_cannot_be_revoked(world):
    key, token = key_of(world)

    with pytest.raises(NotFound), world.work() as uow:
        uow.keys.revoke("other", key.id)
    with world.work() as uow:
        uow.keys.authenticate(token)


def test_a_use_is_written_down_once_a_minute(world):
    key, token = key_of(world)
    with world.work() as uow:
        assert uow.keys.authenticate(token).touch_due
        uow.keys.touch(key.id)
    with world.work() as uow:
        first = uow.keys.page(TENANT).items[0].last_used_at
        assert not uow.keys.authenticate(token).touch_due
        uow.keys.touch(key.id)
        assert uow.keys.page(TENANT).items[0].last_used_at == first


@pytest.fixture
def first(world):
    key, _ = key_of(world)
    return Request(TENANT, key.id, "POST", "/v1/jobs", "k1", "a" * 64)


def test_a_repeated_request_gets_the_first_answer(world, first):
    with world.work() as uow:
        assert uow.idempotency.begin(first) is None
        uow.idempotency.finish(first, 202, {"Location": "/v1/jobs/1"}, '{"id": 1}')
    with world.work() as uow:
        replay = uow.idempotency.begin(first)
        assert uow.idempotency.begin(replace(first, idempotency_key="k2")) is None

    assert (replay.status, replay.headers, replay.body) == (
        202,
        {"Location": "/v1/jobs/1"},
        '{"id": 1}',
    )


def test_the_same_key_with_another_body_is_refused(world, first):
    with world.work() as uow:
        uow.idempotency.begin(first)

    with pytest.raises(IdempotencyKeyReused), world.work() as uow:
        uow.idempotency.begin(replace(first, body_sha256="b" * 64))


def test_a_request_that_is_still_running_is_not_run_twice(world, engine, first):
    with world.work() as uow:
        uow.idempotency.begin(first)

    with pytest.raises(IdempotencyInProgress), world.work() as uow:
        uow.idempotency.begin(first)
    with engine.begin() as connection:
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        connection.execute(update(IdempotencyRow).values(created_at=long_ago))
    with world.work() as uow:
        assert uow.idempotency.begin(first) is None


def test_a_request_that_failed_or_was_long_ago_is_a_first_one_again(world, engine, first):
    with world.work() as uow:
        uow.idempotency.begin(first)
        uow.idempotency.abandon(first)
        assert uow.idempotency.begin(first) is None
        uow.idempotency.finish(first, 202, {}, "")
    with engine.begin() as connection:
        connection.execute(update(IdempotencyRow).values(expires_at=IdempotencyRow.created_at))
    with world.work() as uow:
        assert uow.idempotency.begin(first) is None
        assert uow.idempotency.purge() == 0


def test_a_rolled_back_request_leaves_its_key_unused(world, first):
    with pytest.raises(NotFound), world.work() as uow:
        uow.jobs.get(TENANT, uow.idempotency.begin(first) or "job_0")
    with world.work() as uow:
        assert uow.idempotency.begin(first) is None


def test_a_bell_is_rung_again_until_somebody_comes(world):
    job = world.submit()
    with world.work() as uow:
        (bell,) = uow.outbox.due()
        uow.outbox.mark_rung([bell.id])
        assert uow.outbox.due() == []
        uow.outbox.mark_subject_rung(Bell.JOB, job.id, SPENT)
    with world.work() as uow:
        (again,) = uow.outbox.due()

        assert (again.rings, again.subject) == (2, job.id)
        assert uow.outbox.oldest().id == again.id


def test_a_worker_that_comes_back_is_a_new_life_and_the_old_one_is_told(world):
    first, second = world.worker(), world.worker()
    with world.work() as uow:
        assert uow.workers.heartbeat(first.id) is WorkerState.GONE
        assert uow.workers.heartbeat(second.id) is WorkerState.ACTIVE
        assert [second.id] == [worker.id for worker in uow.workers.present()]
        uow.workers.drain(second.id)
        uow.workers.drain(first.id)
    with world.work() as uow:
        assert uow.workers.heartbeat(second.id) is WorkerState.DRAINING
        assert uow.workers.heartbeat(first.id) is WorkerState.GONE
        uow.workers.leave(second.id)
        assert uow.workers.present() == []


def test_a_silent_worker_is_buried_and_an_unknown_one_is_an_error(world):
    worker = world.worker()
    with world.work() as uow:
        assert uow.workers.bury_silent(timedelta(minutes=1)) == 0
        assert [worker.id] == [w.id for w in uow.workers.present(alive_within=timedelta(minutes=1))]
        assert uow.workers.present(alive_within=SPENT) == []
        assert uow.workers.bury_silent(SPENT) == 1
    with pytest.raises(NotFound), world.work() as uow:
        uow.workers.heartbeat("wrk_0")


def test_a_lock_has_one_holder_who_may_go_on_and_runs_out_by_itself(world):
    minute = timedelta(minutes=1)
    with world.work() as uow:
        assert uow.locks.acquire("reconciler", "a", minute)
        assert uow.locks.acquire("reconciler", "a", minute)
        assert not uow.locks.acquire("reconciler", "b", minute)
        assert uow.locks.acquire("reconciler", "a", SPENT)
    with world.work() as uow:
        assert uow.locks.acquire("reconciler", "b", minute)
        uow.locks.release("reconciler", "a")
        assert not uow.locks.acquire("reconciler", "a", minute)
        uow.locks.release("reconciler", "b")
        assert uow.locks.acquire("reconciler", "a", minute)


def test_a_tenant_is_made_once(world):
    with world.work() as uow:
        first = uow.tenants.ensure(TENANT, "another name")
        assert [first.id] == [tenant.id for tenant in uow.tenants.all()]
    assert first.name == TENANT
