"""From how a trainer ended to what its user is told."""

import signal
from pathlib import Path

import pytest

from kd_core.events import RunFailed
from kd_core.process import FAILED, REFUSED, STOPPED
from stillhouse.domain.failure import RETRYABLE, ExitClass
from worker.failures import Exit, classify, oom_kills, without_paths

FOLDER = Path("/srv/stillhouse/job_1/attempt-1")


def told(code="x", phase="validating", pointer=None, file=None, message="it is wrong"):
    return RunFailed(
        code=code, message=message, hint="mend it", pointer=pointer, file=file, phase=phase
    )


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (told("class_missing", "preparing_data", "/data/dataset"), ExitClass.DATA_ERROR),
        (told("split_conflict", "validating", "/data/split"), ExitClass.DATA_ERROR),
        (told("keys_differ", "validating", "/teacher/checkpoint"), ExitClass.USER_ERROR),
        (told("spec_invalid", "validating", "/loss"), ExitClass.USER_ERROR),
        (told("teacher_below_floor", "teacher_eval", "/teacher/min_top1"), ExitClass.USER_ERROR),
        (told("teacher_normalisation", "teacher_eval", "/teacher/mean"), ExitClass.USER_ERROR),
        (told("diverged", "training"), ExitClass.DIVERGED),
        (told("out_of_memory", "training", message="full on cuda"), ExitClass.OOM_GPU),
        (told("out_of_memory", "training", message="full on cpu"), ExitClass.OOM_HOST),
        (told("workdir_of_another_run"), ExitClass.INTERNAL),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_what_the_trainer_said_decides(failed, expected):
    failure = classify(Exit(REFUSED, failed))

    assert expected is failure.exit_class
    assert (failed.code, failed.hint, failed.phase) == (failure.code, failure.hint, failure.phase)
    assert failure.exit_class not in RETRYABLE


@pytest.mark.parametrize(
    ("end", "expected", "code"),
    [
        (Exit(-signal.SIGKILL), ExitClass.INFRA_LOST, "trainer_killed"),
        (Exit(-signal.SIGSEGV), ExitClass.INFRA_LOST, "trainer_killed"),
        (Exit(-99), ExitClass.INFRA_LOST, "trainer_killed"),
        (Exit(-signal.SIGKILL, oom_killed=True), ExitClass.OOM_HOST, "out_of_memory"),
        (Exit(1, last_line="CUDA out of memory. Tried ..."), ExitClass.OOM_GPU, "out_of_memory"),
        (Exit(1, last_line="MemoryError"), ExitClass.OOM_HOST, "out_of_memory"),
        (Exit(STOPPED), ExitClass.PREEMPTED, "preempted"),
        (Exit(1, last_line="ValueError: 3"), ExitClass.INTERNAL, "trainer_crashed"),
        (Exit(FAILED), ExitClass.INTERNAL, "trainer_crashed"),
        (Exit(0), ExitClass.INTERNAL, "trainer_crashed"),
    ],
)
def test_without_a_word_the_exit_status_decides(end, expected, code):
    failure = classify(end)

    assert (expected, code) == (failure.exit_class, failure.code)
    assert failure.message
    assert failure.hint


def test_a_crash_is_told_by_its_last_line():
    failure = classify(Exit(1, last_line="KeyError: 'head'", phase="training"))

    assert failure.message == "the trainer crashed: KeyError: 'head'"
    assert failure.phase == "training"


def test_a_mapped_file_without_room_is_told_with_the_places_to_look_at():
    failure = classify(Exit(-signal.SIGBUS, phase="training"))

    assert (ExitClass.INFRA_LOST, "trainer_killed") == (failure.exit_class, failure.code)
    assert "mapped into memory" in failure.message
    assert "STILLHOUSE_WORK_DIR" in failure.hint


def test_no_message_says_where_a_worker_keeps_its_files():
    data = told("class_missing", file=f"{FOLDER}/inputs/data/dataset/cats.zip")
    crash = Exit(1, last_line="cannot open '/usr/lib/python3/torch/x.so': no", folder=FOLDER)

    assert "inputs/data/dataset/cats.zip: it is wrong" == (
        classify(Exit(REFUSED, data, folder=FOLDER)).message
    )
    assert "cannot open 'x.so': no" in classify(crash).message


@pytest.mark.parametrize(
    ("folder", "shown"),
    [(f"{FOLDER}/run/checkpoints", "run/checkpoints"), ("/srv/cache/decoded", "decoded")],
)
def test_a_full_disk_is_the_operators_and_says_which_folder(folder, shown):
    failed = told("disk_full", "training", file=folder, message="the disk is full: 3.0 MB needed")
    failure = classify(Exit(FAILED, failed, folder=FOLDER))

    assert (ExitClass.INFRA_LOST, "disk_full") == (failure.exit_class, failure.code)
    assert f"on the worker, {shown}: the disk is full: 3.0 MB needed" == failure.message
    assert "STILLHOUSE_WORK_DIR" in failure.hint
    assert failure.exit_class in RETRYABLE


@pytest.mark.parametrize("text", ["1/2 of a/b", "http://example.com/a", "a / b", "50 %/s"])
def test_what_is_no_path_stays(text):
    assert text == without_paths(text)


def test_a_place_in_the_specification_stays_as_it_was_told():
    failure = classify(Exit(REFUSED, told(message="/loss/0/kind is wrong"), folder=FOLDER))

    assert "/loss/0/kind is wrong" == failure.message


def test_kills_for_want_of_memory_are_counted_where_they_are_told(tmp_path):
    newer, older, absent = tmp_path / "events", tmp_path / "oom_control", tmp_path / "none"
    newer.write_text("low 0\noom 3\noom_kill 2\n")
    older.write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")

    assert 2 == oom_kills([newer, absent])
    assert 1 == oom_kills([absent, older])
    assert 0 == oom_kills([absent])


def test_a_kill_that_goes_with_a_want_of_memory_is_told_as_what_it_most_likely_was():
    failure = classify(Exit(-9, oom_killed=True, phase="training"))

    assert "out_of_memory" == failure.code
    assert "most likely" in failure.message
    assert "recipe.batch_size" in failure.hint
