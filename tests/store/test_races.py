"""Two at once: real connections, real threads, and the database decides."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from stillhouse.domain.errors import InUse, Invalid, SignInRefused, StaleAttempt, StillhouseError
from stillhouse.domain.events import EventType, LogLine, NewEvent
from stillhouse.domain.job import State
from stillhouse.domain.keys import Scope
from stillhouse.domain.realm import Realm
from tests.support.service import SPENT, TENANT, document, job_spec

THREADS = 6


def together(verb, count=THREADS):
    """Run a verb in threads that set out at the same moment; their results in order."""
    barrier = threading.Barrier(count)

    def run(number):
        barrier.wait()
        return verb(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_two_claimers_never_both_win(world):
    jobs = {world.submit().id for _ in range(30)}
    workers = [world.worker(f"box:{n}").id for n in range(THREADS)]

    def drain(number):
        claims = []
        while claim := world.claim(workers[number]):
            claims.append(claim.job.id)
        return claims

    claims = Counter(job for claimed in together(drain) for job in claimed)

    assert jobs == set(claims)
    assert set(claims.values()) == {1}


def test_one_job_and_many_claimers_make_one_attempt(world):
    job = world.submit()
    workers = [world.worker(f"box:{n}").id for n in range(THREADS)]
    won = [claim for claim in together(lambda n: world.claim(workers[n])) if claim]
    with world.work() as uow:
        attempts = uow.jobs.attempts(job)

    assert len(won) == 1
    assert [(attempt.number, attempt.worker_id) for attempt in attempts] == [
        (1, won[0].token.worker_id)
    ]


def test_concurrent_reports_leave_no_gap_and_no_duplicate(world):
    token = world.running()

    def report(number):
        # Every thread sends every batch: each must be applied exactly once, in some order.
        for batch in range(1, 6):
            with world.work() as uow:
                uow.attempts.report(
                    token,
                    batch,
                    [NewEvent(EventType.WARNING, {"by": number})],
                    lines=[LogLine(f"{batch}")],
                )

    together(report, 4)
    log = world.event_log(token.job_id)
    with world.work() as uow:
        lines = uow.logs.after(TENANT, token.job_id)

    assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
    assert [kind for _, kind in log].count("job.warning") == 5
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5]


def test_a_report_and_a_cancellation_at_once_both_get_their_place_in_the_log(world):
    token = world.running()

    def act(number):
        with world.work() as uow:
            if number == 0:
                uow.steering.cancel(TENANT, token.job_id)
            else:
                warning = NewEvent(EventType.WARNING, {})
                uow.attempts.report(token, 1, [warning])

    together(act, 2)
    log = world.event_log(token.job_id)

    assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
    assert {"job.cancelling", "job.warning"} <= {kind for _, kind in log}


def test_a_lost_attempt_ends_once_and_its_owner_writes_nothing_after(world):
    token = world.running(SPENT)
    workers = [world.worker(f"other:{n}").id for n in range(THREADS)]

    def act(number):
        if number % 3 == 0:
            with world.work() as uow:
                return uow.attempts.lose(token) is not None
        if number % 3 == 1:
            return world.claim(workers[number])
        try:
            with world.work() as uow:
                return uow.attempts.report(token, number, [NewEvent(EventType.WARNING, {})])
        except StaleAttempt:
            return None

    together(act)
    log = world.event_log(token.job_id)

    assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
    assert [kind for _, kind in log].count("job.attempt_lost") == 1
    assert "job.warning" not in [kind for _, kind in log][log_place(log, "job.attempt_lost") :]


def log_place(log, kind):
    return [found for _, found in log].index(kind)


def test_a_cancellation_and_a_success_at_once_leave_one_end(world):
    token = world.running()

    def act(number):
        try:
            with world.work() as uow:
                if number == 0:
                    uow.attempts.succeed(token, "passed")
                else:
                    uow.steering.cancel(TENANT, token.job_id)
        except StillhouseError as refused:
            return refused

    together(act, 2)
    ends = [k for _, k in world.event_log(token.job_id) if k in {"job.succeeded", "job.cancelled"}]

    assert ends == ["job.succeeded"]
    assert world.job(token.job_id).state is State.SUCCEEDED


def test_a_model_is_deleted_or_used_and_never_both(world):
    teachers = [world.ready_model() for _ in range(8)]

    def act(number):
        outcomes = []
        for model_id in teachers:
            teacher = {"architecture": "resnet18", "checkpoint": model_id}
            try:
                with world.work() as uow:
                    if number == 0:
                        uow.models.delete(TENANT, model_id)
                    else:
                        spec = job_spec(teacher=teacher)
                        uow.jobs.create(TENANT, spec, document(teacher=teacher))
                outcomes.append(True)
            except (InUse, Invalid):
                outcomes.append(False)
        return outcomes

    deleted, used = together(act, 2)

    assert all(one != other for one, other in zip(deleted, used, strict=True))


def test_twins_of_a_request_do_its_work_once(world):
    from stillhouse.store.idempotency import Request

    with world.work() as uow:
        key, _ = uow.keys.create(TENANT, "k", [])
    request = Request(TENANT, key.id, "POST", "/v1/jobs", "same", "a" * 64)

    def act(_):
        with world.work() as uow:
            replay = uow.idempotency.begin(request)
            if replay is not None:
                return replay.body
            job = uow.jobs.create(TENANT, job_spec(), document())
            uow.idempotency.finish(request, 202, {}, job.id)
            return job.id

    answers = together(act)
    with world.work() as uow:
        (job,) = uow.jobs.page(TENANT).items

    assert {job.id} == set(answers)


def test_a_lock_goes_to_one_of_many(world):
    def act(number):
        with world.work() as uow:
            return uow.locks.acquire("reconciler", f"owner-{number}", timedelta(minutes=1))

    assert sum(together(act)) == 1


def test_the_same_blob_from_many_is_one_row(world):
    digests = together(lambda _: world.blob(b"same"))
    with world.work() as uow:
        assert uow.blobs.size(digests[0]) == 4
    assert len(set(digests)) == 1


def test_of_several_who_bring_one_code_one_is_signed_in(world):
    with world.work() as uow:
        key, _ = uow.keys.create(TENANT, "ci", [Scope.JOBS_READ])
        code, _ = uow.sign_ins.new_code(Realm(TENANT), key.id, timedelta(minutes=1))

    def bring(_number):
        try:
            with world.work() as uow:
                return uow.sign_ins.exchange(code)
        except SignInRefused:
            return None

    assert len([one for one in together(bring) if one]) == 1
