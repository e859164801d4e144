"""Whatever was lost on the way is found again, and one failure stops nothing else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stillhouse.domain.job import State
from stillhouse.domain.uploads import UploadKind
from stillhouse.runtime.broker import waiting
from tests.support.service import SPENT, TENANT
from worker.reconciler import MANY_BELLS, Reconciler
from worker.sweeping import empty_trash, forget_blobs, forget_strays, forget_uploads

NO_TIME = timedelta(seconds=-1)


@pytest.fixture
def reconciler(service):
    made = Reconciler(service.settings, service.celery)
    yield made
    made.station.sessions.kw["bind"].dispose()


def bells(service, queue="cpu"):
    return waiting(service.celery, queue)


def test_a_bell_that_nobody_came_for_is_rung_again_in_its_time(service, reconciler):
    service.submit()
    reconciler.round()
    reconciler.round()

    assert (1, 1) == (bells(service, "cpu"), bells(service, "gpu"))
    with service.work() as uow:
        uow.outbox.mark_rung([uow.outbox.oldest().id], NO_TIME)
    reconciler.round()
    assert 2 == bells(service)


def test_a_broker_that_is_away_is_rung_when_it_is_back(service, reconciler):
    job = service.submit()
    service.broker.kill()
    assert reconciler.round()
    with service.work() as uow:
        assert [job.id] == [bell.subject for bell in uow.outbox.due()]

    service.broker.start()
    reconciler.round()
    assert 1 == bells(service)


def test_bells_that_nobody_hears_do_not_fill_the_broker(service, reconciler):
    service.submit(resources={"device": "cuda"})
    values = " ".join(["x"] * MANY_BELLS)
    service.broker.ask(f"RPUSH gpu {values}")
    reconciler.round()

    assert MANY_BELLS == bells(service, "gpu")


def test_a_job_whose_lease_is_over_is_queued_again_and_rung_for(service, reconciler):
    token = service.running(SPENT)
    reconciler.round()
    job = service.job(token.job_id)

    assert (State.QUEUED, 0) == (job.state, job.deaths)
    assert 1 == bells(service)


def test_a_cancelled_job_whose_worker_died_is_cancelled(service, reconciler):
    token = service.running(SPENT)
    with service.work() as uow:
        uow.steering.cancel(TENANT, token.job_id)
    reconciler.round()

    assert State.CANCELLED is service.state(token.job_id)


def test_a_worker_that_fell_silent_is_given_up_and_its_job_with_it(service, reconciler):
    token = service.running(timedelta(hours=1))
    with service.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE worker SET heartbeat_at = '2020-01-01 00:00:00.000000'")
    reconciler.round()

    assert State.QUEUED is service.state(token.job_id)


def test_a_job_that_waited_too_long_expires(service, reconciler):
    job = service.submit()
    with service.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE job SET queue_deadline = created_at")
    reconciler.round()

    assert State.EXPIRED is service.state(job.id)


def test_two_reconcilers_take_turns(service, reconciler):
    other = Reconciler(service.settings, service.celery)

    assert [True, False] == [reconciler.round(), other.round()]
    reconciler.stop.set()
    reconciler.run()
    assert other.round()
    other.station.sessions.kw["bind"].dispose()


def test_a_step_that_fails_does_not_keep_the_others_from_their_work(service, reconciler):
    token = service.running(SPENT)
    with service.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE worker")
        connection.exec_driver_sql("DROP TABLE upload_part")
        connection.exec_driver_sql("UPDATE job SET queue_deadline = created_at, state = 'queued'")
    reconciler.round()

    assert State.EXPIRED is service.state(token.job_id)


def test_expired_uploads_go_and_their_blobs_after_them(service, reconciler, tmp_path):
    (tmp_path / "a.npz").write_bytes(b"kept")
    (tmp_path / "b.npz").write_bytes(b"forgotten")
    version = service.dataset(tmp_path / "a.npz")
    service.upload(tmp_path / "b.npz", UploadKind.DATASET)
    with service.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE upload SET expires_at = '2020-01-01 00:00:00.000000'")
    reconciler.round()
    assert 2 == len(list(service.blobs.digests()))

    forget_blobs(reconciler.station, NO_TIME)
    with service.work() as uow:
        kept = uow.datasets.version(TENANT, *version.split("@")[:1], 1).blob_sha256
    assert [kept] == list(service.blobs.digests())


def test_the_parts_of_an_upload_that_was_given_up_go_too(service, reconciler):
    stored = service.blobs.put([b"part"], max_bytes=10)
    with service.work() as uow:
        uow.blobs.register(stored.sha256, stored.size_bytes)
        announced = {"filename": "x", "size_bytes": (1 << 20) + 4, "part_bytes": 1 << 20}
        upload = uow.uploads.create(TENANT, UploadKind.MODEL, sha256="0" * 64, **announced)
        uow.uploads.record_part(TENANT, upload.id, 2, stored.sha256, stored.size_bytes)
    early = forget_blobs(reconciler.station, NO_TIME)
    with service.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE upload SET expires_at = '2020-01-01 00:00:00.000000'")

    assert ([], [upload.id]) == (early, forget_uploads(reconciler.station))
    assert [stored.sha256] == forget_blobs(reconciler.station, NO_TIME)


def test_bytes_that_no_row_names_are_swept_once_they_are_old(service, reconciler):
    stray = service.blobs.put([b"stray"], max_bytes=10)

    assert [] == forget_strays(reconciler.station)
    assert [stray.sha256] == forget_strays(reconciler.station, NO_TIME)


def test_a_deleted_job_and_its_bytes_are_gone_when_its_time_is_over(service, reconciler):
    token = service.running()
    stored = service.blobs.put([b"student"], max_bytes=100)
    with service.work() as uow:
        uow.blobs.register(stored.sha256, stored.size_bytes)
        made = {"name": "model", "format": "safetensors", "blob_sha256": stored.sha256}
        uow.attempts.add_artifact(token, **made, size_bytes=7)
        uow.attempts.succeed(token, "passed")
        uow.trash.put(TENANT, token.job_id)
    settings = service.settings.model_copy(update={"trash_ttl_s": 0})
    kept = list(empty_trash(reconciler.station))
    impatient = replace(reconciler.station, settings=settings)
    service.wait(lambda: list(empty_trash(impatient)) == [token.job_id], "it is in the trash")

    assert [] == kept
    assert [stored.sha256] == forget_blobs(reconciler.station, NO_TIME)
    assert service.blobs.size(stored.sha256) is None
