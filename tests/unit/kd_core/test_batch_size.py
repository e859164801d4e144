"""`batch_size: auto`: tried once, kept, halved once; and memory that runs out, for real."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import kd_core
from kd_core import memory
from kd_core.climbing import Cost, _refused
from kd_core.errors import Stopped
from kd_core.events import Chosen
from kd_core.process import FAILED, SUCCEEDED
from kd_core.workdir import Workdir
from tests.support import narrow_trainer
from tests.support.small_runs import (
    OWN_TEACHER,
    WITH_TEACHER,
    save_teacher,
    small_data,
    small_spec,
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_data("data.npz", count=40)
    save_teacher("teacher.safetensors")
    return tmp_path


def spec(batch_size="auto", **changes):
    document = small_spec(**{**WITH_TEACHER, **changes})
    return document | {"recipe": document["recipe"] | {"batch_size": batch_size}}


def run(document, folder, should_stop=lambda: False):
    seen = []
    report = kd_core.distill(
        document, folder, lambda at: seen.append(at.data), should_stop=should_stop
    )
    return report, [(at.name, at.value) for at in seen if isinstance(at, Chosen)]


def shipped(folder):
    return (folder / "artifacts/safetensors/model.safetensors").read_bytes()


def test_a_small_set_is_learnt_in_small_batches(folder):
    report, chosen = run(spec(), folder / "out")

    assert [("batch_size", "8")] == chosen
    assert {"batch_size": "8"} == report.chosen


def test_a_larger_set_is_learnt_in_batches_that_leave_an_epoch_its_steps(folder):
    small_data("data.npz", count=1700)  # 1360 to learn from: 20 steps of 68
    document = spec(loss="ce", teacher=None)
    document["recipe"] |= {"epochs": 1, "checkpoint_every_s": 3600}
    _, chosen = run(document, folder / "out")

    assert [("batch_size", "64")] == chosen


def test_trying_changes_no_bit_of_what_is_trained(folder):
    run(spec("auto"), folder / "tried")
    run(spec(8), folder / "told")

    assert shipped(folder / "tried") == shipped(folder / "told")


def test_a_resume_keeps_what_was_chosen(folder):
    looks = iter(range(9))
    with pytest.raises(Stopped):
        run(spec(), folder / "out", should_stop=lambda: next(looks, None) is None)
    first = Workdir(folder / "out").record().chosen
    report, chosen = run(spec(), folder / "out")

    assert {"batch_size": "8"} == first == report.chosen
    assert [] == chosen


def test_a_teacher_that_is_trained_here_has_a_size_of_its_own(folder):
    teacher = OWN_TEACHER | {"recipe": OWN_TEACHER["recipe"] | {"batch_size": "auto"}}
    report, _ = run(spec(4, teacher=teacher), folder / "out")

    assert {"teacher.batch_size": "8"} == report.chosen


def cost(size=64, needed=10**6):
    return Cost(size, seconds=1.0, bytes=needed)


@pytest.mark.parametrize(
    ("size", "most", "room", "words"),
    [
        (128, 1000, 10**9, None),
        (128, 100, 10**9, "with 128 an epoch would have fewer than 20 steps"),
        (128, 1000, 3 * 10**6, "128 would take about 2.0 MB of 3.0 MB"),
    ],
)
def test_what_is_not_even_tried_is_said(size, most, room, words):
    assert words == _refused(size, cost(), most, room)


TAKE_MEMORY = """
from kd_core import memory
before = memory.used_bytes("cpu")
memory.forget_peak("cpu")
taken = bytearray(b"x") * (64 << 20)
print(memory.peak_bytes("cpu") - before)
"""


def test_there_is_memory_left_and_what_is_taken_shows():
    # In a process of its own: this one may give memory back meanwhile that other tests took.
    shown = subprocess.run(
        [sys.executable, "-c", TAKE_MEMORY], capture_output=True, text=True, check=True
    )

    assert memory.left_bytes("cpu") > 0
    assert int(shown.stdout) >= 32 << 20


def in_a_narrow_room(folder, document, manner="stay"):
    """Run with hardly any memory left once training begins. What it ends with, if with trouble."""
    document = document | {"data": {"dataset": "file:data.npz", "image_size": 64}}
    (folder / "spec.json").write_text(json.dumps(document))
    done = subprocess.run(
        [sys.executable, narrow_trainer.__file__, manner, "spec.json", "out", "--events-fd", "1"],
        env={"PYTHONPATH": ":".join(sys.path), "OMP_NUM_THREADS": "1"} | narrow_trainer.OWN_PAGES,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == SUCCEEDED:
        return None
    assert (FAILED, "") == (done.returncode, done.stderr)
    return json.loads(done.stdout.splitlines()[-1])["data"]


def events(folder):
    lines = (folder / "out/events.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def warnings(folder):
    return [at["data"] for at in events(folder) if at["data"].get("code") == "batch_halved"]


def test_memory_that_runs_out_is_told_with_what_was_tried(folder):
    problem = in_a_narrow_room(folder, spec(batch_size=16))

    assert "out_of_memory" == problem["code"]
    assert "/recipe/batch_size" == problem["pointer"]
    assert problem["message"].startswith("no memory left on cpu in phase training")
    assert problem["message"].endswith("(batches of 16 images of 64x64)")
    assert "recipe.accumulate" in problem["hint"]
    assert "out_of_memory" == events(folder)[-1]["data"]["code"]


def test_a_batch_that_was_chosen_is_halved_once_and_training_goes_on(folder):
    assert in_a_narrow_room(folder, spec(), "relent") is None
    (warning,) = warnings(folder)
    report = json.loads((folder / "out/report.json").read_text())

    assert "goes on with batches of 4, of which 2 make a step" in warning["message"]
    assert {"batch_size": "4", "accumulate": "2"} == report["chosen"]


def test_it_is_halved_no_more_than_once(folder):
    problem = in_a_narrow_room(folder, spec())

    assert ("out_of_memory", 1) == (problem["code"], len(warnings(folder)))
    assert "batches of 4 images" in problem["message"]


def test_a_loss_that_needs_its_batch_whole_is_not_halved(folder):
    problem = in_a_narrow_room(folder, spec(loss="dist"), "relent")

    assert "out_of_memory" == problem["code"]
    assert [] == warnings(folder)
