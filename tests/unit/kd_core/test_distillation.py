"""A whole run in small: what it leaves, what it refuses, and that a refusal leaves nothing."""

import csv
import json

import numpy as np
import pytest
import safetensors.torch
import timm
import torch
from PIL import Image

import kd_core
from kd_core.errors import (
    DiskFull,
    KdError,
    Stopped,
    TeacherUnfit,
    WorkdirInvalid,
)
from kd_core.events import Event, PhaseChanged
from kd_core.packaging.timm_folder import digest
from tests.support.small_runs import (
    OWN_TEACHER,
    SIDE,
    WITH_TEACHER,
    save_teacher,
    small_data,
    small_spec,
)


def events_of(folder):
    return [Event.parse(line) for line in (folder / "events.jsonl").read_text().splitlines()]


def test_the_student_on_disk_is_the_one_in_the_report(here):
    report = kd_core.distill(small_spec(teacher=OWN_TEACHER, loss="dkd"), here / "out")
    network = timm.create_model(f"local-dir:{here}/out/artifacts/safetensors", pretrained=True)
    config = timm.data.resolve_data_config({}, model=network)
    transform = timm.data.create_transform(**config)
    images = np.load(here / "data.npz")["images"]
    with (here / "out/predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    held_out = [transform(Image.fromarray(images[int(row["index"])])) for row in rows]
    with torch.no_grad():
        answers = network.eval()(torch.stack(held_out)).argmax(dim=1).tolist()

    assert [int(row["student"]) for row in rows] == answers
    assert report.student.top1 == np.mean([int(row["label"]) for row in rows] == np.array(answers))
    assert report.artifacts[0].sha256 == digest(here / "out/artifacts/safetensors")


def test_a_run_leaves_what_the_readme_lists_and_nothing_else(here):
    kd_core.distill(small_spec(teacher=OWN_TEACHER, loss="dkd"), here / "out")

    assert {
        ".lock",
        "README.md",
        "artifacts",
        "attempts.json",
        "checkpoints",
        "events.jsonl",
        "manifest.json",
        "predictions.csv",
        "report.html",
        "report.json",
        "report.md",
        "run.json",
        "teacher",
    } == {path.name for path in (here / "out").iterdir()}


def test_the_report_holds_only_what_was_measured(here):
    kd_core.distill(small_spec(teacher=OWN_TEACHER, loss="dkd"), here / "out")
    report = json.loads((here / "out/report.json").read_text())

    assert report["schema"] == 1
    assert report["verdict"] == "not_evaluated"
    assert (report["gates"], report["baseline"], report["kd_gain"]) == ([], None, None)
    assert "top5" not in report["student"]  # two classes
    assert "agreement_teacher" in report["student"]
    assert "agreement_teacher" not in report["teacher"]
    assert report["student"]["measured"] == {
        "batch": 1,
        "throughput_batch": 16,
        "threads": 1,
        "repeats": 30,
        "samples": 4,
    }
    assert report["student"]["macs"] > 0
    assert report["artifacts"][0]["top1"] == report["student"]["top1"]


def test_events_tell_the_whole_story_in_order(here):
    seen = []
    kd_core.distill(small_spec(teacher=OWN_TEACHER, loss="dkd"), here / "out", seen.append)

    assert seen == events_of(here / "out")
    assert ["job.started", "job.succeeded"] == [seen[0].type, seen[-1].type]
    assert [
        "preparing_data",
        "validating",
        "training_teacher",
        "teacher_eval",
        "training",
        "packaging",
        "evaluating",
    ] == [event.data.phase for event in seen if isinstance(event.data, PhaseChanged)]


def test_a_finished_run_answers_with_its_report(here):
    first = kd_core.distill(small_spec(), here / "out")
    files = {path: path.stat().st_mtime_ns for path in (here / "out").rglob("*")}
    again = kd_core.distill(small_spec(), here / "out")

    assert first == again
    assert files == {path: path.stat().st_mtime_ns for path in (here / "out").rglob("*")}


def test_the_spec_may_be_a_file_and_sources_are_relative_to_it(here, monkeypatch):
    (here / "job.json").write_text(json.dumps(small_spec()))
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")

    assert kd_core.distill("../job.json", "out").student.parameters > 0


def test_a_teacher_from_a_file_is_loaded_as_it_is(here):
    save_teacher(here / "teacher.safetensors")
    kd_core.distill(small_spec(**WITH_TEACHER), here / "out")
    record = json.loads((here / "out/run.json").read_text())

    assert record["inputs"]["teacher"] == digest_of(here / "teacher.safetensors")
    assert not (here / "out/teacher").exists()


def digest_of(path):
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_student_may_start_from_weights(here):
    save_teacher(here / "teacher.safetensors")
    spec = small_spec(
        student={"architecture": "test_efficientnet", "init": "file:teacher.safetensors"},
        recipe={"epochs": 1, "batch_size": 16, "optimizer": {"kind": "sgd", "lr": 1e-12}},
    )
    kd_core.distill(spec, here / "out")
    ours = safetensors.torch.load_file(here / "out/artifacts/safetensors/model.safetensors")
    theirs = safetensors.torch.load_file(here / "teacher.safetensors")

    torch.testing.assert_close(ours["classifier.weight"], theirs["classifier.weight"])


def test_a_network_with_a_fixed_input_size_loads_again(here):
    kd_core.distill(small_spec(student={"architecture": "test_vit"}), here / "out")
    network = timm.create_model(f"local-dir:{here}/out/artifacts/safetensors", pretrained=True)

    assert network(torch.zeros(1, 3, SIDE, SIDE)).shape == (1, 2)


def test_unlabelled_images_teach_by_the_teacher_alone(here):
    small_data(here / "data.npz", labelled=False)
    save_teacher(here / "teacher.safetensors", classes=3)
    spec = small_spec(**WITH_TEACHER | {"loss": {"kind": "kd"}})
    spec["data"] = spec["data"] | {"unlabelled": True}
    report = kd_core.distill(spec, here / "out")

    assert report.student.top1 is None
    assert report.student.agreement_teacher is not None
    assert "top1" not in json.loads((here / "out/report.json").read_text())["student"]


def test_a_teacher_at_chance_is_not_learnt_from(here):
    save_teacher(here / "teacher.safetensors")
    spec = small_spec(**WITH_TEACHER)
    spec["teacher"] = spec["teacher"] | {"force": False}

    with pytest.raises(TeacherUnfit, match="had to reach"):
        kd_core.distill(spec, here / "out")
    assert not (here / "out").exists()


def stop_after(steps):
    asked = iter([False] * steps)
    return lambda: next(asked, True)


@pytest.mark.parametrize("looks", [0, 1, 3, 8, 15])
def test_stopped_wherever_it_is_a_run_ends_in_the_same_file(here, looks):
    spec = small_spec(teacher=OWN_TEACHER, loss="dkd")
    kd_core.distill(spec, here / "whole")
    with pytest.raises(Stopped):
        kd_core.distill(spec, here / "parts", should_stop=stop_after(looks))
    kd_core.distill(spec, here / "parts")

    assert digest(here / "whole/artifacts/safetensors") == digest(
        here / "parts/artifacts/safetensors"
    )


def other_labels(path):
    with np.load(path) as data:
        images, labels = data["images"], data["labels"]
    np.savez(path, images=images, labels=1 - labels)


def interrupted(here, spec):
    with pytest.raises(Stopped):
        kd_core.distill(spec, here / "out", should_stop=stop_after(6))


def test_a_resume_on_other_data_is_refused(here):
    interrupted(here, small_spec())
    other_labels(here / "data.npz")

    with pytest.raises(WorkdirInvalid, match="the data changed since this run began"):
        kd_core.distill(small_spec(), here / "out")


def test_a_resume_with_another_specification_says_what_changed(here):
    interrupted(here, small_spec())

    with pytest.raises(WorkdirInvalid, match="changed: /student/architecture"):
        kd_core.distill(small_spec(student={"architecture": "test_resnet"}), here / "out")


def test_a_folder_with_a_run_is_not_begun_again(here):
    interrupted(here, small_spec())

    with pytest.raises(WorkdirInvalid, match="holds a run already"):
        kd_core.distill(small_spec(), here / "out", resume=False)


def test_threads_are_those_of_the_first_attempt(here):
    spec = small_spec(resources={"device": "cpu"})
    interrupted(here, spec)
    record = json.loads((here / "out/run.json").read_text())
    (here / "out/run.json").write_text(json.dumps(record | {"threads": 3}))
    seen = []
    kd_core.distill(spec, here / "out", seen.append)

    assert seen[0].data.threads == 3


def test_the_process_is_left_as_it_was_found(here):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    kd_core.distill(small_spec(), here / "out")

    assert torch.equal(before, torch.get_rng_state())
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize("architecture", ["test_vit3", "coat_tiny"])
def test_what_shares_weights_or_hides_its_work_is_shipped_too(here, architecture):
    spec = small_spec(student={"architecture": architecture})
    spec["data"] = spec["data"] | {"image_size": 32}
    spec["recipe"] = spec["recipe"] | {"epochs": 1, "checkpoint_every_s": 60}
    report = kd_core.distill(spec, here / "out")

    assert report.student.macs > 0


def test_a_resume_from_another_student_is_refused(here):
    save_teacher(here / "init.safetensors")
    student = {"architecture": "test_efficientnet", "init": "file:init.safetensors"}
    interrupted(here, small_spec(student=student))
    save_teacher(here / "init.safetensors", seed=9)

    with pytest.raises(WorkdirInvalid, match=r"the student\.init changed"):
        kd_core.distill(small_spec(student=student), here / "out")


def test_a_streamed_run_ends_in_the_weights_of_a_stored_one(here):
    pictures = np.load(here / "data.npz")
    for number, (image, label) in enumerate(zip(*pictures.values(), strict=True)):
        path = here / f"pets/{label}/{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    spec = small_spec(
        data={"dataset": "file:pets", "image_size": SIDE}, teacher=OWN_TEACHER, loss="kd"
    )
    spec["recipe"] |= {"augment": {"kind": "flip_crop"}, "mix": {"kind": "mixup"}}
    stored = kd_core.distill(spec, here / "stored", cache_dir=here / "cache")
    streamed = kd_core.distill(spec, here / "streamed", cache_bytes=0)
    warnings = [event.data for event in events_of(here / "streamed") if "warn" in event.type]

    assert stored.artifacts[0].sha256 == streamed.artifacts[0].sha256
    assert "decoded again in each epoch" in warnings[0].message
    assert 2 == len(list((here / "cache").glob("*.images")))


def test_without_a_shared_folder_decoded_images_stay_until_the_run_is_complete(here):
    interrupted(here, small_spec())
    while_it_waits = {path.suffix for path in (here / "out/decoded").iterdir()}
    kd_core.distill(small_spec(), here / "out")

    assert ".images" in while_it_waits
    assert not (here / "out/decoded").exists()


@pytest.mark.parametrize("name", ["run.json", "report.json"])
@pytest.mark.parametrize("content", ["", "{}", "[1]", "\xff"])
def test_a_damaged_record_is_a_sentence(here, name, content):
    interrupted(here, small_spec())
    (here / "out" / name).write_text(content)

    with pytest.raises(WorkdirInvalid, match="this file is damaged"):
        kd_core.distill(small_spec(), here / "out")


def test_a_full_disk_is_a_sentence_and_the_last_event(here, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device", "step-1.pt")

    monkeypatch.setattr("kd_core.training.checkpoints.write_atomically", full)

    with pytest.raises(DiskFull, match="No space left on device") as caught:
        kd_core.distill(small_spec(), here / "out")
    assert caught.value.problems[0].file == "step-1.pt"
    assert events_of(here / "out")[-1].data.code == "disk_full"


def test_even_the_unexpected_is_told_as_the_last_event(here, monkeypatch):
    def fail(*_arguments, **_named):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("kd_core.training.trainer.evaluate", fail)

    with pytest.raises(ZeroDivisionError):
        kd_core.distill(small_spec(), here / "out")
    assert events_of(here / "out")[-1].data.message == "ZeroDivisionError: by zero"


class NoMemory:
    """A clock that finds the machine full once, when training looks at it."""

    def __init__(self):
        self.looks = 0

    def now(self):
        from datetime import UTC, datetime

        return datetime(2030, 1, 1, tzinfo=UTC)

    def monotonic(self):
        self.looks += 1
        if self.looks == 8:
            raise MemoryError
        return float(self.looks)


def test_a_full_memory_is_a_sentence(here):
    with pytest.raises(KdError, match="lower recipe\\.batch_size") as caught:
        kd_core.distill(small_spec(), here / "out", clock=NoMemory())

    assert caught.value.code == "out_of_memory"
    assert events_of(here / "out")[-1].data.code == "out_of_memory"
