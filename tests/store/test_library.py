"""Uploads, and the models and data sets made of them: checked once, kept while they are needed."""

import hashlib

import pytest
from sqlalchemy import update

from kd_core.errors import Problem
from stillhouse.domain.errors import (
    DigestMismatch,
    InUse,
    Invalid,
    NotFound,
    StaleAttempt,
    TooLarge,
    UploadClosed,
    UploadIncomplete,
)
from stillhouse.domain.uploads import MIN_PART_BYTES, UploadKind
from stillhouse.store.tables import UploadRow
from stillhouse.store.tables.library import CheckState
from tests.support.service import SPENT, TENANT

PART = MIN_PART_BYTES
WHOLE = b"x" * PART + b"y" * PART + b"z"
DIGEST = hashlib.sha256(WHOLE).hexdigest()


def announced(world, **changes):
    plan = {"filename": "t.safetensors", "size_bytes": len(WHOLE), "sha256": DIGEST}
    with world.work() as uow:
        return uow.uploads.create(
            TENANT, UploadKind.MODEL, **{**plan, "part_bytes": PART, **changes}
        )


def send(world, upload, number, content):
    digest = world.blob(content)
    with world.work() as uow:
        return uow.uploads.record_part(TENANT, upload.id, number, digest, len(content))


def registered(world):
    upload = world.uploaded()
    with world.work() as uow:
        return uow.models.create(TENANT, upload.id, name="t", declared={})


def checker(uow):
    return uow.workers.register("checker", host="box", pid=1, queues=["cpu"]).id


def test_parts_arrive_in_any_order_and_are_planned_in_the_right_one(world):
    upload = announced(world)
    parts = [WHOLE[:PART], WHOLE[PART : 2 * PART], WHOLE[2 * PART :]]
    for number in (3, 1, 2):
        send(world, upload, number, parts[number - 1])
    with world.work() as uow:
        plan = uow.uploads.plan(TENANT, upload.id)
        assert [part.number for part in uow.uploads.parts(upload)] == [1, 2, 3]

    assert plan == [hashlib.sha256(part).hexdigest() for part in parts]
    world.blob(WHOLE)
    with world.work() as uow:
        done = uow.uploads.complete(TENANT, upload.id, DIGEST, len(WHOLE))
        again = uow.uploads.complete(TENANT, upload.id, DIGEST, len(WHOLE))

    assert (done.state, done.blob_sha256) == ("complete", DIGEST)
    assert done.version == again.version
    with world.work() as uow:
        assert uow.uploads.parts(upload) == []


def test_a_part_that_is_sent_again_replaces_the_first(world):
    upload = announced(world)
    send(world, upload, 3, b"a")
    send(world, upload, 3, b"z")
    with world.work() as uow:
        (part,) = uow.uploads.parts(upload)

    assert part.blob_sha256 == hashlib.sha256(b"z").hexdigest()


def test_missing_parts_are_named(world):
    upload = announced(world)
    send(world, upload, 2, b"y" * PART)

    with pytest.raises(UploadIncomplete, match="are missing: 1, 3") as refusal, world.work() as uow:
        uow.uploads.plan(TENANT, upload.id)
    assert refusal.value.facts["missing"] == [1, 3]


@pytest.mark.parametrize(
    ("number", "content", "error"),
    [(0, b"a", Invalid), (4, b"a", Invalid), (3, b"", Invalid), (3, b"zz", TooLarge)],
)
def test_a_part_that_does_not_fit_the_plan_is_refused(world, number, content, error):
    upload = announced(world)

    with pytest.raises(error):
        send(world, upload, number, content)
    with world.work() as uow:
        assert uow.uploads.parts(upload) == []
        assert uow.uploads.expect_part(TENANT, upload.id, 3) == 1


def test_parts_that_make_other_bytes_are_refused_and_can_be_sent_again(world):
    upload = announced(world)

    with pytest.raises(DigestMismatch), world.work() as uow:
        uow.uploads.complete(TENANT, upload.id, "0" * 64, len(WHOLE))
    with world.work() as uow:
        assert uow.uploads.get(TENANT, upload.id).state == "open"


def test_a_complete_upload_takes_no_more_parts(world):
    upload = world.uploaded()

    with pytest.raises(UploadClosed):
        send(world, upload, 1, b"weights")
    with pytest.raises(UploadClosed), world.work() as uow:
        uow.uploads.expect_part(TENANT, upload.id, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"filename": "../../etc/passwd"},
        {"filename": ""},
        {"filename": "a\0b"},
        {"filename": "x" * 256},
        {"sha256": "../" * 21 + "a"},
        {"size_bytes": 0},
        {"part_bytes": 1},
    ],
)
def test_a_hostile_announcement_leaves_no_row(world, changes):
    with pytest.raises(Invalid):
        announced(world, **changes)
    with world.work() as uow:
        assert uow.uploads.page(TENANT).items == []


def test_an_upload_whose_time_is_over_is_gone_and_its_bytes_unneeded(world, engine):
    upload = announced(world)
    send(world, upload, 3, b"z")
    with engine.begin() as connection:
        connection.execute(update(UploadRow).values(expires_at=UploadRow.created_at))

    with pytest.raises(NotFound), world.work() as uow:
        uow.uploads.get(TENANT, upload.id)
    with world.work() as uow:
        assert [upload.id] == uow.uploads.expire()
        assert uow.blobs.unreferenced(SPENT) == [hashlib.sha256(b"z").hexdigest()]


def test_a_deleted_upload_and_its_parts_are_gone_and_another_tenants_stays(world):
    upload = announced(world)
    send(world, upload, 3, b"z")
    with pytest.raises(NotFound), world.work() as uow:
        uow.uploads.delete("other", upload.id)
    with world.work() as uow:
        uow.uploads.delete(TENANT, upload.id)

    with pytest.raises(NotFound), world.work() as uow:
        uow.uploads.get(TENANT, upload.id)


def test_a_model_is_checking_until_a_worker_has_measured_it(world):
    upload = world.uploaded()
    with world.work() as uow:
        model = uow.models.create(TENANT, upload.id, name="t", declared={"architecture": "r"})
        bells = [(bell.bell, bell.subject, bell.queue) for bell in uow.outbox.due()]
    worker = world.worker()
    with world.work() as uow:
        check = uow.checks.claim(worker.id)
        assert uow.checks.claim(worker.id) is None

    assert (model.state, bells) == ("checking", [("model_check", model.id, "cpu")])
    assert (check.subject, check.declared) == (model.id, {"architecture": "r"})
    with world.work() as uow:
        uow.checks.ready(check, {"classes": 10, "odd": float("nan")})
    with world.work() as uow:
        ready = uow.models.get(TENANT, model.id)
        assert uow.outbox.due() == []

    assert (ready.state, ready.facts) == (CheckState.READY, {"classes": 10, "odd": None})
    assert ready.checked_at is not None


def test_a_rejected_data_set_says_why(world):
    upload = world.uploaded(UploadKind.DATASET)
    with world.work() as uow:
        first = uow.datasets.create(TENANT, upload.id, name="d", declared={})
        second = uow.datasets.add_version(TENANT, first.dataset_id, upload.id, declared={})
    worker = world.worker()
    with world.work() as uow:
        check = uow.checks.claim(worker.id)
        uow.checks.rejected(check, [Problem("link", "a link", "remove it", file="a/b")])
    with world.work() as uow:
        rejected = uow.datasets.version(TENANT, first.dataset_id, 1)
        newest = uow.datasets.versions(TENANT, first.dataset_id)[0]
        dataset = uow.datasets.get(TENANT, first.dataset_id)

    assert check.subject == first.id == f"{first.dataset_id}@1"
    assert (rejected.state, rejected.problems[0]["file"]) == ("rejected", "a/b")
    assert (second.number, newest.state, dataset.latest_version) == (2, "checking", 2)


def test_a_check_whose_worker_died_is_claimed_again_and_the_late_answer_is_refused(world):
    registered(world)
    worker = world.worker()
    with world.work() as uow:
        first = uow.checks.claim(worker.id, SPENT)
    with world.work() as uow:
        second = uow.checks.claim(worker.id)

    assert (first.attempt, second.attempt) == (1, 2)
    with pytest.raises(StaleAttempt), world.work() as uow:
        uow.checks.ready(first, {})
    with world.work() as uow:
        uow.checks.renew(second)
        uow.checks.ready(second, {})


def test_what_kills_its_checker_three_times_is_rejected(world):
    model = registered(world)
    worker = world.worker()
    for _ in range(3):
        with world.work() as uow:
            assert uow.checks.claim(worker.id, SPENT) is not None
    with world.work() as uow:
        assert uow.checks.claim(worker.id) is None
    with world.work() as uow:
        rejected = uow.models.get(TENANT, model.id)

    assert (rejected.state, rejected.problems[0]["code"]) == ("rejected", "check_died")


def test_an_upload_of_another_kind_or_incomplete_makes_no_model(world):
    dataset = world.uploaded(UploadKind.DATASET)
    open_upload = announced(world)

    with pytest.raises(Invalid, match="announced as a dataset"), world.work() as uow:
        uow.models.create(TENANT, dataset.id, name="t", declared={})
    with pytest.raises(UploadIncomplete), world.work() as uow:
        uow.models.create(TENANT, open_upload.id, name="t", declared={})
    with world.work() as uow:
        assert uow.models.page(TENANT).items == []


def test_a_data_set_from_a_bad_upload_leaves_no_data_set(world):
    with pytest.raises(NotFound), world.work() as uow:
        uow.datasets.create(TENANT, "upl_0", name="d", declared={})
    with world.work() as uow:
        assert uow.datasets.page(TENANT).items == []


def test_a_model_stays_while_a_job_that_is_not_over_reads_it(world):
    model_id = world.ready_model()
    job = world.submit(teacher={"architecture": "resnet18", "checkpoint": model_id})

    with pytest.raises(InUse, match=job.id), world.work() as uow:
        uow.models.delete(TENANT, model_id)
    with world.work() as uow:
        uow.steering.cancel(TENANT, job.id)
    with world.work() as uow:
        uow.models.delete(TENANT, model_id)
    with pytest.raises(NotFound), world.work() as uow:
        uow.models.get(TENANT, model_id)


def test_a_data_set_stays_while_a_job_reads_one_of_its_versions(world):
    upload = world.uploaded(UploadKind.DATASET)
    with world.work() as uow:
        version = uow.datasets.create(TENANT, upload.id, name="d", declared={})
    with world.work() as uow:
        uow.checks.ready(uow.checks.claim(checker(uow)), {})
    job = world.submit(data={"dataset": version.id})

    with pytest.raises(InUse, match=job.id), world.work() as uow:
        uow.datasets.delete(TENANT, version.dataset_id)
    with world.work() as uow:
        uow.steering.cancel(TENANT, job.id)
    with world.work() as uow:
        uow.datasets.delete(TENANT, version.dataset_id)
    with world.work() as uow:
        assert uow.datasets.versions(TENANT, version.dataset_id) == []


def test_a_model_that_is_deleted_while_it_is_checked_takes_its_bell_along(world):
    model = registered(world)
    with world.work() as uow:
        check = uow.checks.claim(checker(uow))
        uow.models.delete(TENANT, model.id)

    with pytest.raises(StaleAttempt), world.work() as uow:
        uow.checks.ready(check, {})
    with world.work() as uow:
        assert uow.outbox.due() == []


def test_a_blob_is_kept_while_a_row_names_it_and_forgotten_after(world):
    model = registered(world)
    digest = model.blob_sha256
    with world.work() as uow:
        assert uow.blobs.references(digest) == 2
        assert not uow.blobs.forget(digest, SPENT)
    with world.work() as uow:
        uow.models.delete(TENANT, model.id)
        uow.uploads.delete(TENANT, uow.uploads.page(TENANT).items[0].id)
    with world.work() as uow:
        assert uow.blobs.unreferenced(SPENT) == [digest]
        assert uow.blobs.forget(digest, SPENT)
        assert uow.blobs.size(digest) is None


def test_a_blob_that_was_put_just_now_is_nobodys_rubbish(world):
    digest = world.blob(b"young")
    with world.work() as uow:
        assert uow.blobs.unreferenced(-SPENT) == []
        assert not uow.blobs.forget(digest, -SPENT)
        assert uow.blobs.size(digest) == 5
