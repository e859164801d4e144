"""Real workers with real trainers: how attempts end, and what they leave."""

from stillhouse.domain.job import State
from stillhouse.domain.uploads import UploadKind
from tests.support.service import TENANT
from tests.support.small_runs import small_data

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
        "report.json": "json",
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


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def test_a_diverging_job_fails_with_its_class_and_without_another_attempt(service):
    service.start_worker()
    job = service.training(**DIVERGING)
    ended = service.wait_for_end(job.id)

    assert (State.FAILED, 1) == (ended.state, ended.attempt)
    assert ("diverged", "diverged") == (ended.failure["class"], ended.failure["code"])
    assert "training" == ended.failure["phase"]
    assert ended.failure["message"]
    assert ended.failure["log_tail_url"] == f"/v1/jobs/{job.id}/logs?after_seq=0"


def test_a_job_that_takes_too_long_is_stopped_and_says_so(service):
    service.start_worker()
    with_limit = {"limits": {"max_runtime_s": 1}}
    job = service.training(spec=with_limit, epochs=5000)
    ended = service.wait_for_end(job.id)

    assert (State.FAILED, "max_runtime") == (ended.state, ended.failure["code"])
    assert "user_error" == ended.failure["class"]


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
