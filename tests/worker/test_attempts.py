"""Real workers with real trainers: how attempts end, and what they leave."""

import json
import os
import signal
import sys
from dataclasses import replace

from stillhouse.domain.job import State
from stillhouse.domain.uploads import UploadKind
from tests.support import narrow_trainer
from tests.support.service import TENANT
from tests.support.small_runs import save_teacher, small_data, small_spec
from worker.station import Station
from worker.supervisor import claim_next

DIVERGING = {
    "epochs": 20,
    "checkpoint_every_s": 60,
    "optimizer": {"kind": "sgd", "lr": 100.0, "momentum": 0.99},
}


def types(service, job):
    return [event.type for event in service.events(job.id)]


def test_a_job_ends_with_its_files_numbers_and_an_empty_work_folder(service):
    service.start_worker()
    job = service.training(epochs=1)
    ended = service.wait_for_end(job.id)
    with service.work() as uow:
        artifacts = {row.name: row.format for row in uow.artifacts.of_job(TENANT, job.id)}
        series = uow.metrics.names(TENANT, job.id)

    assert State.SUCCEEDED is ended.state
    assert {
        "README.md": "markdown",
        "manifest.json": "json",
        "report.json": "json",
        "report.md": "markdown",
        "report.html": "html",
        "predictions.csv": "csv",
        "safetensors/model.safetensors": "safetensors",
        "safetensors/config.json": "safetensors",
    } == artifacts
    assert {"top1", "train/loss", "val/top1"} <= set(series)
    assert 0 <= ended.best["top1"]["value"] <= 1
    assert 1.0 == ended.progress["fraction"]
    assert {"job.started", "job.phase_changed", "job.succeeded"} <= set(types(service, job))
    assert ended.checkpoint_blob is None
    service.wait(lambda: [".lock"] == names_in(service.settings.work), "files are left")


def test_every_file_that_a_job_asks_for_is_kept_with_its_numbers(service):
    service.start_worker()
    exports = [{"format": "safetensors"}, {"format": "onnx"}]
    job = service.training(spec={"exports": exports}, epochs=1)
    ended = service.wait_for_end(job.id)
    with service.work() as uow:
        kept = {row.name: row for row in uow.artifacts.of_job(TENANT, job.id)}
    report = json.loads(service.blobs.path(kept["report.json"].blob_sha256).read_bytes())
    listed = {file["path"]: file for one in report["artifacts"] for file in one["files"]}

    assert State.SUCCEEDED is ended.state
    assert {"onnx/student.onnx", "onnx/student_uint8.onnx"} == {
        name for name, row in kept.items() if row.format == "onnx"
    }
    assert set(listed) == {name for name in kept if "/" in name}
    for name, file in listed.items():
        assert (file["sha256"], file["bytes"]) == (kept[name].blob_sha256, kept[name].size_bytes)
        assert f"artifacts/{name}" == kept[name].facts["path"]
    assert kept["onnx/student.onnx"].facts["top1"] == ended.best["top1"]["value"]


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def test_what_was_trained_and_what_was_uploaded_teach_together(service, tmp_path):
    service.start_worker()
    first = service.wait_for_end(service.training(epochs=1).id)
    save_teacher(tmp_path / "teacher.safetensors")
    upload = service.upload(tmp_path / "teacher.safetensors", UploadKind.MODEL)
    declared = {"architecture": "test_efficientnet"}
    with service.work() as uow:
        model = uow.models.create(TENANT, upload, name="teacher", declared=declared)
    service.start_reconciler()  # nobody has rung
    service.wait(lambda: ready(service, model), "the model is not ready")
    given = small_spec(
        teacher=None,
        teachers=[
            {"checkpoint": f"job:{first.id}", "force": True},
            {"checkpoint": model.id, "force": True, "weight": 2},
        ],
        loss="kd",
        data=first.resolved["data"],
    )
    job = service.submit_and_ring(**given)
    ended = service.wait_for_end(job.id)

    assert None is ended.failure
    report = json.loads(service.artifact(job.id, "report.json"))
    assert [1 / 3, 2 / 3] == [teacher["share"] for teacher in report["teachers"]]
    measured = [e.data["name"] for e in service.events(job.id) if "teacher_measured" in e.type]
    assert ["teachers.0", "teachers.1", "teachers"] == measured
    teacher, student = report["teacher"], report["student"]
    assert ended.last["teacher_top1"]["value"] == teacher["top1"]
    assert ended.last["size_ratio"]["value"] == student["size_mb"] / teacher["size_mb"]


def ready(service, model):
    with service.work() as uow:
        return uow.models.get(TENANT, model.id).state == "ready"


def test_a_diverging_job_fails_with_its_class_and_without_another_attempt(service):
    service.start_worker()
    job = service.training(**DIVERGING)
    ended = service.wait_for_end(job.id)

    assert (State.FAILED, 1) == (ended.state, ended.attempt)
    assert ("diverged", "diverged") == (ended.failure["class"], ended.failure["code"])
    assert "training" == ended.failure["phase"]
    assert ended.failure["message"]
    assert ended.failure["log_tail_url"] == f"/v1/jobs/{job.id}/logs?after_seq=0"


def test_a_job_that_runs_out_of_memory_fails_with_its_class_and_the_way_out(service):
    data = service.dataset(small_data(service.folder / "stripes.npz", count=40))
    recipe = {"epochs": 2, "batch_size": 16, "checkpoint_every_s": 60}
    changes = small_spec(data={"dataset": data, "image_size": 64}, recipe=recipe, teacher=None)
    job = service.submit(**changes)
    trainer = [sys.executable, narrow_trainer.__file__, "stay"]
    station = Station.of(service.settings, service.worker().id, ["cpu"], trainer)
    narrow = {**station.environment, **narrow_trainer.OWN_PAGES}
    claim_next(replace(station, environment=narrow)).run()
    station.sessions.kw["bind"].dispose()
    ended = service.job(job.id)

    assert (State.FAILED, 1) == (ended.state, ended.attempt)
    assert ("oom_host", "out_of_memory") == (ended.failure["class"], ended.failure["code"])
    assert "batches of 16 images of 64x64" in ended.failure["message"]
    assert "recipe.accumulate" in ended.failure["hint"]


def test_a_job_that_takes_too_long_is_stopped_and_says_so(service):
    service.start_worker()
    with_limit = {"limits": {"max_runtime_s": 1}}
    job = service.training(spec=with_limit, epochs=5000)
    ended = service.wait_for_end(job.id)

    assert (State.FAILED, "max_runtime") == (ended.state, ended.failure["code"])
    assert "user_error" == ended.failure["class"]


def test_a_trainer_that_hangs_is_replaced_and_the_job_succeeds(service):
    service.start_worker(stall_after_s=5, checkpoint_grace_s=1)
    job = service.training(epochs=100, checkpoint_every_s=0.1)
    service.wait_for_training(job.id)
    (trainer,) = service.trainers()
    os.kill(trainer, signal.SIGSTOP)
    lost = service.wait_for_event(job.id, "job.attempt_lost")
    ended = service.wait_for_end(job.id)

    assert "trainer_stalled" == lost.data["code"]
    assert State.SUCCEEDED is ended.state
    assert "job.resumed" in types(service, job)


def test_uploads_are_checked_and_one_that_cannot_be_used_has_its_reason(service, tmp_path):
    broken = tmp_path / "cats.npz"
    broken.write_bytes(b"not an archive")
    good = small_data(tmp_path / "stripes.npz")
    uploads = [service.upload(file, UploadKind.DATASET) for file in (broken, good)]
    with service.work() as uow:
        versions = [
            uow.datasets.create(TENANT, upload, name="data", declared={"unlabelled": False})
            for upload in uploads
        ]
    service.start_worker()
    service.start_reconciler()  # nobody has rung

    def checked():
        with service.work() as uow:
            found = [uow.datasets.version(TENANT, v.dataset_id, 1) for v in versions]
        return found if all(version.state != "checking" for version in found) else []

    service.wait(checked, "a check is not over")
    rejected, ready = checked()
    assert ["not_a_data_set"] == [problem["code"] for problem in rejected.problems]
    assert "cats.npz" == rejected.problems[0]["file"]
    assert ("ready", 20, 2) == (ready.state, ready.facts["samples"], ready.facts["classes"])
