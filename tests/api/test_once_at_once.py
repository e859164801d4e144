"""Idempotency keys under a crowd, against the real server on both databases."""

import hashlib
import http.client
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from stillhouse.domain.keys import read_token
from stillhouse.store.idempotency import Request
from stillhouse.store.tables import JobRow
from tests.support.creates import BODY, PATH, create, creates, shuffled
from tests.support.service import TENANT

CONNECTIONS = 32
# `benchmarks/creates.py` asks ten thousand times for a thousand jobs.
CROWDS = {"sqlite": (50, 10), "postgresql": (150, 10)}
MORE_THAN_THREADS = 60


def jobs_in(world):
    with world.work() as uow:
        return uow._session.scalar(select(func.count()).select_from(JobRow))


@pytest.mark.slow
def test_a_crowd_makes_as_many_jobs_as_it_has_keys(api_process, world, request):
    distinct, times = CROWDS[request.node.callspec.params["books"]]
    answers = creates(api_process, shuffled(distinct, times), CONNECTIONS)
    first = {answer.key: answer.body for answer in answers if not answer.replayed}

    assert {202: distinct * times} == Counter(answer.status for answer in answers)
    assert distinct == len(first) == len({answer.job for answer in answers}) == jobs_in(world)
    assert distinct == sum(not answer.replayed for answer in answers)
    assert all(answer.body == first[answer.key] for answer in answers)


def test_those_who_wait_for_a_twin_leave_threads_to_the_others(api_process, world):
    """More of them than the server has threads, while a stranger holds what they wait for."""
    key_id, _ = read_token(api_process.key)
    body = hashlib.sha256(BODY).hexdigest()
    held = Request(TENANT, key_id, "POST", PATH, "held", body)

    def ask(_):
        connection = http.client.HTTPConnection("127.0.0.1", api_process.port, timeout=60)
        try:
            return create(api_process, connection, "held")
        finally:
            connection.close()

    with ThreadPoolExecutor(MORE_THAN_THREADS) as pool:
        with world.work() as uow:
            uow.idempotency.begin(held)
            waiting = [pool.submit(ask, number) for number in range(MORE_THAN_THREADS)]
            began = time.monotonic()
            seen = {api_process.client.get(PATH, timeout=30).status_code for _ in range(40)}
            took = time.monotonic() - began
            unanswered = sum(not answer.done() for answer in waiting)
            uow.idempotency.abandon(held)
        answers = [answer.result() for answer in waiting]

    assert {200} == seen
    assert took < 10
    assert MORE_THAN_THREADS == unanswered
    assert {202} == {answer.status for answer in answers}
    assert 1 == len({answer.job for answer in answers}) == jobs_in(world)
