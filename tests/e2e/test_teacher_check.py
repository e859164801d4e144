"""A teacher that is not fit: `still distill` says why within half a minute, start included."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import digit_teachers

STILL = Path(sys.executable).with_name("still")
LONGEST_S = 30
pytestmark = pytest.mark.slow
SEVERAL_ORDERS = [0, 1, 2, 5, 4, 3, 6, 8, 9, 7]  # 3 and 5 swapped, 7 -> 8 -> 9 -> 7
OTHER_SCALE = {"mean": [0, 0, 0], "std": [0.00392, 0.00392, 0.00392]}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory):
    return digit_teachers.taught(tmp_path_factory.mktemp("healthy"))


@pytest.fixture(scope="module")
def weak(tmp_path_factory):
    return digit_teachers.taught(tmp_path_factory.mktemp("weak"), epochs=2)


def processor_seconds():
    """Of the processes that have ended: whoever else is at work on the machine does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def failure(folder, weights, **teacher):
    """The last event of a run with this teacher, which had to fail in time."""
    spec = folder / "job.json"
    spec.write_text(json.dumps(digit_teachers.job(weights, **teacher)))
    before = processor_seconds()
    ended = subprocess.run(
        [STILL, "distill", spec, "--out", folder / "out", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    took = processor_seconds() - before

    assert ended.returncode == 3, ended.stderr
    last = json.loads(ended.stdout.splitlines()[-1])
    sys.stdout.write(f"{last['data']['code']}: {took:.1f} s\n")
    assert took < LONGEST_S
    assert last["type"] == "job.failed"
    assert not (folder / "out").exists()
    return last["data"]


def test_a_random_head_is_named(healthy, tmp_path):
    weights = digit_teachers.with_fresh_classifier(healthy, tmp_path / "random.safetensors")
    told = failure(tmp_path, weights)

    assert told["code"] == "teacher_classifier_untrained"
    assert told["pointer"] == "/teacher/checkpoint"
    assert "the weights of 'fc'" in told["message"]
    assert "teacher.force: true" in told["hint"]


def test_permuted_classes_are_named_with_the_pairs(healthy, tmp_path):
    weights = tmp_path / "permuted.safetensors"
    digit_teachers.with_classes_in_order(healthy, weights, SEVERAL_ORDERS)
    told = failure(tmp_path, weights, min_top1=0.9)

    assert told["code"] == "teacher_classes_permuted"
    assert "'3' and '5' are swapped, '7' is answered as '9'" in told["message"]
    assert "it would reach 9" in told["message"]


def test_a_wrong_normalisation_is_named_with_the_one_that_helps(healthy, tmp_path):
    told = failure(tmp_path, healthy, **OTHER_SCALE)

    assert told["code"] == "teacher_normalisation"
    assert told["pointer"] == "/teacher/mean"
    assert "with values from -1 to 1 it would reach 9" in told["message"]
    assert "teacher.mean: [0.5, 0.5, 0.5] and teacher.std: [0.5, 0.5, 0.5]" in told["hint"]


def test_a_weak_teacher_is_below_its_floor_and_nothing_else(weak, tmp_path):
    told = failure(tmp_path, weak, min_top1=0.99)

    assert told["code"] == "teacher_below_floor"
    assert told["pointer"] == "/teacher/min_top1"
    assert "had to reach 99.0%: no usual cause was found" in told["message"]
