"""What a teacher answered to one job is there for the next one of its tenant, wherever it runs."""

import signal
import subprocess
import sys
from datetime import timedelta

import pytest

from stillhouse.domain.job import State
from stillhouse.store.tables import RecordingRow
from tests.support.service import TENANT, job_spec
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec
from worker.reconciler import Reconciler
from worker.recordings import hint_of
from worker.station import Station
from worker.supervisor import claim_next
from worker.sweeping import forget_blobs
from worker.workspace import Input

OTHER = "other"
NO_TIME = timedelta(seconds=-1)
DATA = "ds_06chj90000s00000000000001g@1"
MODEL = "mdl_06chj90000s00000000000001g"
ROWS = 18 * 64 * 2 * 2  # bytes: views, samples, classes, fp16


@pytest.fixture
def sources(service):
    small_data(service.folder / "data.npz", count=80)
    save_teacher(service.folder / "teacher.safetensors")
    return service.folder


@pytest.fixture
def node(service, sources):
    """A worker's machine; each has a work folder of its own."""
    made = []

    def of(name="node", **changes):
        told = {"work_dir": sources / name, "data_roots": (sources,), "warm_starts": False}
        settings = service.settings.model_copy(update=told | changes)
        made.append(Station.of(settings, service.worker(name).id, ["cpu"]))
        return made[-1]

    yield of
    for one in made:
        one.sessions.kw["bind"].dispose()


def spec(sources, **changes):
    document = small_spec(**WITH_TEACHER)
    teacher = {"checkpoint": f"file:{sources / 'teacher.safetensors'}"}
    document["teacher"] = document["teacher"] | teacher  # which is everybody's, and stays as it is
    document["data"] = {"dataset": f"file:{sources / 'data.npz'}", "image_size": 16}
    recipe = {"teacher_cache": {}, "augment": {"kind": "flip_crop", "padding": 1}, "epochs": 1}
    document["recipe"] |= recipe | {"batch_size": 16}
    return document | changes


def carried_out(service, station, given, tenant=TENANT):
    job = service.submit(tenant, **given)
    claim_next(station).run()
    return service.job(job.id, tenant)


def told(service, job, tenant=TENANT):
    """Where its answers came from, and whether the teacher was asked for them."""
    with service.work() as uow:
        events = uow.events.after(tenant, job.id, limit=10_000)
    (chosen,) = [event.data for event in events if event.type == "job.chosen"]
    phases = [event.data["phase"] for event in events if event.type == "job.progress"]
    return chosen["value"], chosen["why"], "caching_teacher" in phases


def rows(service):
    with service.work() as uow:
        return list(uow._session.query(RecordingRow).order_by(RecordingRow.tenant_id))


def weights(service, job):
    return service.artifact(job.id, "safetensors/model.safetensors")


def test_another_job_on_another_node_learns_from_it_and_ends_in_the_same_bits(
    service, sources, node
):
    first = carried_out(service, node(), spec(sources))
    dkd = spec(sources, loss="dkd")
    second = carried_out(service, node("elsewhere"), dkd)
    alone = carried_out(service, node("alone", recordings_bytes=0), dkd)

    assert [None] * 3 == [job.failure for job in (first, second, alone)]
    assert "recorded" == told(service, first)[0]
    value, why, asked = told(service, second)
    assert ("reused", False) == (value, asked)
    assert f"{first.id} has recorded them" in why
    assert "recorded" == told(service, alone)[0]
    assert weights(service, alone) == weights(service, second)
    (row,) = rows(service)
    assert (first.id, ROWS) == (row.job_id, row.size_bytes)


def test_another_tenant_records_its_own(service, sources, node):
    with service.work() as uow:
        uow.tenants.ensure(OTHER)
    carried_out(service, node(), spec(sources))
    theirs = carried_out(service, node(), spec(sources), OTHER)

    assert "recorded" == told(service, theirs, OTHER)[0]
    assert [TENANT, OTHER] == [row.tenant_id for row in rows(service)]


def damaged(service, row):
    service.blobs.path(row.blob_sha256).write_bytes(b"damaged")


def gone(service, row):
    service.blobs.delete(row.blob_sha256)


def poisoned(service, row):
    """Other bytes, which are what their digest says."""
    answers = service.blobs.path(row.blob_sha256).read_bytes()
    blob = service.blobs.put([answers[4:] + answers[:4]], max_bytes=len(answers))
    with service.work() as uow:
        uow.blobs.register(blob.sha256, blob.size_bytes)
        kept = {"hint": row.hint, "job_id": row.job_id, "blob_sha256": blob.sha256}
        uow.recordings.keep(TENANT, row.key, size_bytes=blob.size_bytes, **kept)


def test_one_that_is_not_sound_is_recorded_again_for_everybody(service, sources, node):
    station = node()
    carried_out(service, station, spec(sources))
    (sound,) = rows(service)
    for harm in (damaged, gone, poisoned):
        harm(service, sound)
        job = carried_out(service, station, spec(sources))
        (row,) = rows(service)

        assert "recorded" == told(service, job)[0]
        assert (sound.blob_sha256, job.id) == (row.blob_sha256, row.job_id)
        assert service.blobs.verify(row.blob_sha256)


KILLED_WHILE_KEEPING = """
import os, signal, sys
from pathlib import Path
from stillhouse.runtime.settings import Settings
from worker import recordings
from worker.station import Station
from worker.supervisor import claim_next

def dying(path):
    yield path.read_bytes()[:1000]
    os.kill(os.getpid(), signal.SIGKILL)

recordings.chunks_of = dying
station = Station.of(Settings.model_validate_json(sys.argv[1]), sys.argv[2], ["cpu"])
claim_next(station).run()
"""


def test_a_worker_that_is_killed_while_it_keeps_one_leaves_nothing_of_it(service, sources, node):
    job = service.submit(**spec(sources))
    settings = node("killed").settings.model_dump_json()
    worker = service.worker("killed").id
    program = [sys.executable, "-c", KILLED_WHILE_KEEPING, settings, worker]
    killed = subprocess.run(program, check=False)

    assert -signal.SIGKILL == killed.returncode
    assert [] == rows(service)
    assert ROWS not in [service.blobs.size(digest) for digest in service.blobs.digests()]
    service.worker("killed")  # a new life of it: what the old one held is free
    with service.work() as uow:
        for token in uow.leases.expired():
            uow.attempts.lose(token)
    claim_next(node()).run()
    assert State.SUCCEEDED is service.state(job.id)
    (row,) = rows(service)
    assert service.blobs.verify(row.blob_sha256)


def test_what_is_beyond_the_limit_goes_with_its_blob(service, sources, node):
    carried_out(service, node(), spec(sources))
    (row,) = rows(service)
    small = service.settings.model_copy(update={"recordings_bytes": ROWS - 1})
    reconciler = Reconciler(small, service.celery)
    reconciler.round()
    forget_blobs(reconciler.station, NO_TIME)
    reconciler.station.sessions.kw["bind"].dispose()

    assert [] == rows(service)
    assert None is service.blobs.size(row.blob_sha256)


def test_one_that_is_larger_than_the_limit_is_not_kept(service, sources, node):
    job = carried_out(service, node(recordings_bytes=ROWS - 1), spec(sources))

    assert State.SUCCEEDED is job.state
    assert [] == rows(service)


NOT_A_TRAINER = """
import os, pathlib, sys
shared = pathlib.Path(sys.argv[sys.argv.index("--recordings-dir") + 1])
(shared / "notes.txt").write_text("x")
(shared / "short.rows").write_text("x")
(shared / ("a" * 64)).write_text("x")
(shared / f"{'b' * 64}.rows").symlink_to("/etc/passwd")
(shared / f"{'c' * 64}.rows").mkdir()
"""


def test_only_plain_files_under_a_key_are_kept(service, sources, node):
    service.submit(**spec(sources))
    station = Station.of(
        node().settings,
        service.worker("odd").id,
        ["cpu"],
        [sys.executable, "-c", NOT_A_TRAINER],
    )
    supervision = claim_next(station)
    supervision.run()
    supervision.recordings.keep_new()
    station.sessions.kw["bind"].dispose()

    assert [] == rows(service)


def inputs(model="a.safetensors", data="d.npz", digest="1" * 64):
    return [
        Input("/teacher/checkpoint", model, digest, 1, also={"/teacher/architecture": "resnet18"}),
        Input("/data/dataset", data, "2" * 64, 1),
    ]


def hint(given, **changes):
    taught = {"teacher": {"checkpoint": MODEL}, "data": {"dataset": DATA}}
    return hint_of(job_spec(**taught | {"recipe": {"teacher_cache": {}}} | changes), given)


def test_the_same_bytes_under_other_names_are_looked_for_alike():
    assert hint(inputs()) == hint(inputs("b.safetensors", "e.npz"))
    assert hint(inputs()) == hint(
        inputs(), teacher={"checkpoint": MODEL, "architecture": "resnet18"}
    )
    assert hint(inputs()) == hint(inputs(), name="another", priority="high", loss="dkd")


def test_other_bytes_are_looked_for_elsewhere():
    assert hint(inputs()) != hint(inputs(digest="3" * 64))
    assert hint(inputs()) is not None
    assert hint(inputs(), recipe={}) is None
