"""Deleted jobs: out of sight at once, whole again when restored, gone when their time is over."""

import pytest
from sqlalchemy import func, select

from stillhouse.domain.errors import InUse, NotFound, NotOver, PreconditionFailed
from stillhouse.domain.events import LogLine, MetricPoint
from stillhouse.domain.job import State
from stillhouse.store.jobs import Descent
from stillhouse.store.tables import Row
from stillhouse.store.trash import LEFT_BEHIND
from tests.support.service import SPENT, TENANT, checkpoint, document, job_spec

FOR_EVER = SPENT * -10_000


@pytest.fixture
def over(world):
    """A job that has left something in every table, and the blob of its student."""
    token, model, saved = world.running(), world.blob(b"student"), world.blob(b"run")
    with world.work() as uow:
        points, lines = [MetricPoint("val/top1", 1, 0.5)], [LogLine("hello")]
        uow.attempts.report(token, 1, points=points, lines=lines)
        uow.attempts.save_checkpoint(token, checkpoint(1), saved)
        made = {"name": "safetensors/model.safetensors", "format": "safetensors"}
        uow.attempts.add_artifact(token, **made, blob_sha256=model, size_bytes=7)
        return uow.attempts.succeed(token, "passed")


def put(world, job_id, **how):
    with world.work() as uow:
        uow.trash.put(TENANT, job_id, **how)


def empty(world, kept=SPENT):
    with world.work() as uow:
        return list(uow.trash.empty(kept))


def test_a_deleted_job_is_not_there_and_its_artifacts_are_not_either(world, over):
    with world.work() as uow:
        (artifact,) = uow.artifacts.of_job(TENANT, over.id)
    put(world, over.id)

    with pytest.raises(NotFound):
        world.job(over.id)
    with pytest.raises(NotFound), world.work() as uow:
        uow.artifacts.find(TENANT, artifact.id)
    with pytest.raises(NotFound):
        put(world, over.id)
    with pytest.raises(NotFound), world.work() as uow:
        uow.steering.cancel(TENANT, over.id)
    with world.work() as uow:
        assert uow.jobs.page(TENANT).items == []
        assert [job.id for job in uow.jobs.page(TENANT, in_trash=True).items] == [over.id]


def test_a_restored_job_is_as_it_was(world, over):
    put(world, over.id)
    with world.work() as uow:
        restored, changed = uow.trash.restore(TENANT, over.id)
        again = uow.trash.restore(TENANT, over.id)
        artifacts = uow.artifacts.of_job(TENANT, over.id)
    log = [kind for _, kind in world.event_log(over.id)]

    assert (changed, again.changed) == (True, False)
    assert (restored.state, restored.verdict, restored.deleted_at) == (
        State.SUCCEEDED,
        "passed",
        None,
    )
    assert log[-2:] == ["job.deleted", "job.restored"]
    assert restored.version == over.version + 2
    assert len(artifacts) == 1


@pytest.mark.parametrize("state", ["queued", "running", "paused", "cancelling"])
def test_a_job_that_is_not_over_is_not_deleted(world, state):
    job_id = world.submit().id if state in {"queued", "paused"} else world.running().job_id
    with world.work() as uow:
        if state == "paused":
            uow.steering.pause(TENANT, job_id)
        if state == "cancelling":
            uow.steering.cancel(TENANT, job_id)
    version = world.job(job_id).version

    with pytest.raises(NotOver, match=state):
        put(world, job_id)
    assert world.job(job_id).version == version


def test_a_job_whose_student_teaches_another_stays_until_that_is_over(world, over):
    teacher = {"checkpoint": f"job:{over.id}"}
    pupil = world.submit(teacher=teacher)

    with pytest.raises(InUse, match=pupil.id):
        put(world, over.id)
    with world.work() as uow:
        uow.steering.cancel(TENANT, pupil.id)
    put(world, over.id)
    with world.work() as uow:
        problems = uow.jobs.inputs(TENANT, job_spec(teacher=teacher)).problems
    assert [problem.code for problem in problems] == ["unknown_job"]


def test_another_version_or_another_tenants_job_is_not_deleted(world, over):
    with world.work() as uow:
        uow.tenants.ensure("other")

    with pytest.raises(PreconditionFailed):
        put(world, over.id, if_versions={over.version - 1})
    for verb in ("put", "restore"):
        with pytest.raises(NotFound), world.work() as uow:
            getattr(uow.trash, verb)("other", over.id)
    assert world.job(over.id).version == over.version


def test_the_trash_is_emptied_when_its_time_is_over_and_not_before(world, over):
    kept = world.submit().id
    put(world, over.id)

    assert empty(world, FOR_EVER) == []
    assert empty(world) == [over.id]
    assert empty(world) == []
    with pytest.raises(NotFound), world.work() as uow:
        uow.trash.restore(TENANT, over.id)
    assert world.job(kept).id == kept
    with world.work() as uow:
        for table in LEFT_BEHIND:
            theirs = select(func.count()).where(table.job_id == over.id)
            assert uow._session.scalars(theirs).one() == 0


def test_every_table_with_a_job_in_it_is_emptied():
    named = {
        table.name
        for table in Row.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "job" and table.name != "job"
    }

    assert named == {table.__tablename__ for table in LEFT_BEHIND}


def test_blobs_are_free_when_nobody_refers_to_them_any_more(world, over):
    shared = world.uploaded(content=b"student")
    put(world, over.id)
    with world.work() as uow:
        before = uow.blobs.unreferenced(SPENT)
    empty(world)
    with world.work() as uow:
        after = uow.blobs.unreferenced(SPENT)

    assert shared.blob_sha256 not in [*before, *after]
    assert len(after) == len(before)


def test_blobs_of_one_deleted_job_alone_are_free(world, over):
    with world.work() as uow:
        (artifact,) = uow.artifacts.of_job(TENANT, over.id)
        before = uow.blobs.unreferenced(SPENT)
    put(world, over.id)
    empty(world)
    with world.work() as uow:
        after = uow.blobs.unreferenced(SPENT)

    assert artifact.blob_sha256 not in before
    assert artifact.blob_sha256 in after


def test_who_was_made_from_a_job_outlives_it(world, over):
    with world.work() as uow:
        descent = Descent(over, goes_on=False)
        child = uow.jobs.create(TENANT, job_spec(), document(), descent)
    put(world, over.id)
    empty(world)
    left = world.job(child.id)

    assert (left.parent_id, left.version) == (None, child.version + 1)
