"""A unit of work is all or nothing: committed at the end of its block, or never there."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from stillhouse.domain.errors import NotFound, Unavailable
from stillhouse.store import ReadOnly, UnitOfWork, create_engine, is_current, session_factory
from tests.support.service import TENANT, World, document, job_spec


def test_an_exception_in_the_block_leaves_nothing(world):
    with pytest.raises(NotFound), world.work() as uow:
        uow.jobs.get("other", uow.jobs.create(TENANT, job_spec(), document()).id)

    with world.work() as uow:
        assert uow.jobs.page(TENANT).items == []
        assert uow.outbox.due() == []


def test_a_commit_that_fails_leaves_nothing_and_is_heard(world, sessions):
    def refuse(_session):
        raise OperationalError("COMMIT", {}, Exception("disk full on host db.internal"))

    event.listen(Session, "before_commit", refuse)
    try:
        with pytest.raises(Unavailable) as refusal, UnitOfWork(sessions) as uow:
            uow.jobs.create(TENANT, job_spec(), document())
    finally:
        event.remove(Session, "before_commit", refuse)

    assert "internal" not in str(refusal.value)
    with world.work() as uow:
        assert uow.jobs.page(TENANT).items == []


def test_rows_stay_readable_after_the_block(world):
    with world.work() as uow:
        job = uow.jobs.create(TENANT, job_spec(), document())

    assert job.resolved["student"]["architecture"] == "resnet10t"
    assert job.created_at.utcoffset() == timedelta(0)


def test_a_row_that_was_assigned_to_is_refused(world):
    job = world.submit()

    with pytest.raises(TypeError, match="through its repository"), world.work() as uow:
        uow.jobs.get(TENANT, job.id).state = "succeeded"
    assert world.job(job.id).state == "queued"


def test_a_read_only_unit_of_work_cannot_write(world, sessions):
    with (
        pytest.raises((Unavailable, DBAPIError)),
        ReadOnly(sessions) as uow,
    ):
        uow.jobs.create(TENANT, job_spec(), document())
    with world.work() as uow:
        uow.jobs.create(TENANT, job_spec(), document())
    with ReadOnly(sessions) as uow:
        assert len(uow.jobs.page(TENANT).items) == 1


def test_a_reader_does_not_wait_for_a_writer(world, sessions):
    with world.work() as writing:
        writing.jobs.create(TENANT, job_spec(), document())
        with ReadOnly(sessions) as reading:
            assert reading.jobs.page(TENANT).items == []
    with ReadOnly(sessions) as reading:
        assert len(reading.jobs.page(TENANT).items) == 1


def test_a_database_that_is_not_there_is_unavailable_and_not_a_traceback(tmp_path):
    for url in (f"sqlite:///{tmp_path}/no/such/folder.db", f"postgresql://x@/x?host={tmp_path}"):
        engine = create_engine(url)

        with pytest.raises(Unavailable):
            World(session_factory(engine))
        with pytest.raises(Unavailable):
            is_current(engine)
        engine.dispose()
