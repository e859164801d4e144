"""A run that is killed with SIGKILL at random moments and resumed ends in the same file."""

import json
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

from kd_core.verification import verified
from tests.support.small_runs import (
    OWN_TEACHER,
    WITH_TEACHER,
    save_teacher,
    small_data,
    small_spec,
)

KILLS = 10
RECIPE = {
    "batch_size": 4,
    "optimizer": {"kind": "adamw", "lr": 0.003},
    "ema": 0.9,
    "clip": 1.0,
    "checkpoint_every_s": 0.05,
}
OF_ITS_OWN = {
    "teacher": OWN_TEACHER | {"recipe": RECIPE | {"epochs": 2}},
    "loss": "dkd",
    "recipe": RECIPE | {"epochs": 8},
}
# All that a step remembers, at once: the average, the pairs of images, the answers on disk, and
# the temperature that the loss learns.
RECORDED = WITH_TEACHER | {
    "loss": "ctkd",
    "recipe": RECIPE
    | {
        "epochs": 8,
        "augment": {"kind": "flip_crop", "padding": 2},
        "mix": {"kind": "mixup"},
        "teacher_cache": {"views": 3},
    },
}


@pytest.fixture
def job(tmp_path):
    return write_job(tmp_path, OF_ITS_OWN)


def write_job(folder, changes):
    small_data(folder / "data.npz", count=200)
    save_teacher(folder / "teacher.safetensors")
    (folder / "job.yaml").write_text(yaml.safe_dump(small_spec(**changes)))
    return folder / "job.yaml"


def command(job, out):
    still = Path(sys.executable).with_name("still")
    return [still, "distill", job, "--out", out, "--resume", "--json"]


def start(job, out):
    return subprocess.Popen(command(job, out), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def kill_after(process, events, delay_s):
    """SIGKILL some events into this attempt, and a random moment after that one."""
    for _ in range(events):
        if not process.stdout.readline():
            break
    timer = threading.Timer(delay_s, process.kill)
    timer.start()
    process.communicate(timeout=120)
    timer.cancel()
    timer.join()
    return process.returncode


def weights(out):
    return (out / "artifacts/safetensors/model.safetensors").read_bytes()


def artifacts(out):
    found = verified(out)
    assert found.holds
    return {one.file for one in found.files if one.file.path.startswith("artifacts/")}


@pytest.mark.slow
@pytest.mark.parametrize("changes", [OF_ITS_OWN, RECORDED], ids=["own teacher", "recorded"])
def test_killed_ten_times_it_ends_in_the_same_weights(tmp_path, changes, record_property):
    job = write_job(tmp_path, changes)
    subprocess.run(command(job, tmp_path / "whole"), capture_output=True, check=True)
    draw = random.Random()
    seed = draw.randrange(2**32)
    record_property("seed", seed)
    draw.seed(seed)

    codes = []
    for kill in range(KILLS):
        # The first two die on the way to their first step, the others somewhere in training.
        events = 0 if kill < 2 else draw.randrange(4, 30)
        process = start(job, tmp_path / "killed")
        codes.append(kill_after(process, events, draw.uniform(0, 3 if kill < 2 else 0.4)))
        if codes[-1] == 0:
            break
    last = subprocess.run(command(job, tmp_path / "killed"), capture_output=True, check=False)

    assert last.returncode == 0, last.stderr
    assert codes.count(-signal.SIGKILL) >= 5, f"seed {seed}: {codes}"
    assert weights(tmp_path / "whole") == weights(tmp_path / "killed"), f"seed {seed}"
    assert artifacts(tmp_path / "whole") == artifacts(tmp_path / "killed")
    ends = [attempt.ended for attempt in verified(tmp_path / "killed").manifest.attempts]
    assert None in ends
    assert "succeeded" == ends[-1]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_a_checkpoint_and_says_how_to_go_on(job, tmp_path, number):
    process = start(job, tmp_path / "out")
    while b"checkpoint_saved" not in process.stdout.readline():
        pass
    process.send_signal(number)
    printed, said = process.communicate(timeout=120)
    types = [json.loads(line)["type"] for line in printed.splitlines()]

    assert process.returncode == 130
    assert types[-1] == "job.stopped"
    assert "--resume" in json.loads(said)["problems"][0]["hint"]
