"""Where there is no room for a file, a run says where and how much, leaves no half of it, and goes
on from there when there is. The kernel refuses for real: by /dev/full, or by a limit on files.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kd_core.errors import DiskFull, StorageFailed
from kd_core.files import append_line, folder_in_one_move, write_atomically
from kd_core.process import FAILED, SUCCEEDED
from kd_core.training.checkpoints import CheckpointFolder
from tests.support.small_runs import OWN_TEACHER, small_data, small_spec

FULL = Path("/dev/full")


def test_a_file_that_finds_no_room_names_the_folder_and_both_sizes(tmp_path):
    (tmp_path / "state.pt.partial").symlink_to(FULL)

    with pytest.raises(DiskFull) as caught:
        write_atomically(tmp_path / "state.pt", bytes(2_000_000))
    (problem,) = caught.value.problems
    assert ("disk_full", str(tmp_path)) == (problem.code, problem.file)
    assert "No space left on device, 2.0 MB needed, " in problem.message
    assert problem.message.endswith(" MB free")
    assert "--resume" in problem.hint
    assert [] == list(tmp_path.iterdir())


def test_a_line_that_finds_no_room_is_told_too(tmp_path):
    (tmp_path / "events.jsonl").symlink_to(FULL)

    with pytest.raises(DiskFull, match="No space left on device"):
        append_line(tmp_path / "events.jsonl", b"{}")


def test_a_folder_that_finds_no_room_vanishes(tmp_path):
    with pytest.raises(DiskFull), folder_in_one_move(tmp_path / "model") as folder:
        (folder / "half").write_bytes(b"1")
        FULL.write_bytes(b"1")
    assert [] == list(tmp_path.iterdir())


def test_a_checkpoint_that_finds_no_room_leaves_the_one_before_it(tmp_path):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, {"step": 1})
    (tmp_path / "step-00000002.pt.partial").symlink_to(FULL)

    with pytest.raises(DiskFull):
        folder.save(2, {"step": 2})
    assert {"step-00000001.json", "step-00000001.pt"} == {path.name for path in tmp_path.iterdir()}
    assert {"step": 1} == folder.load(folder.newest_first()[0])


def test_what_is_no_want_of_room_is_another_error():
    assert "storage_failed" == StorageFailed.of(PermissionError(13, "no", "x")).problems[0].code
    assert "disk_full" == StorageFailed.of(OSError(28, "full", "x")).problems[0].code


@pytest.fixture
def trainer(tmp_path):
    """Runs a job in a process whose files may grow to so many bytes."""
    small_data(tmp_path / "data.npz")
    spec = small_spec(teacher=OWN_TEACHER, loss="kd")
    (tmp_path / "spec.json").write_text(yaml.safe_dump(spec))

    def run(most):
        reading, writing = os.pipe()
        limit = resource.RLIM_INFINITY if most is None else most
        # -B: Python would cache its modules in files cut off at the limit, for everybody else too.
        process = subprocess.Popen(
            [sys.executable, "-B", "-c", LIMITED, str(limit),
             tmp_path / "spec.json", tmp_path / "out", "--events-fd", str(writing)],
            pass_fds=[writing], stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as pipe:
            events = [json.loads(line) for line in pipe]
        said = process.communicate(timeout=60)[1]
        assert "Traceback" not in said
        return process.returncode, events

    return run


LIMITED = """
import resource, sys
most = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
from kd_core.process import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("most", "where"),
    [(200, "out"), (3000, "decoded"), (40_000, "scratch"), (1_000_000, "training_teacher")],
    ids=["events", "decoded images", "rehearsal", "checkpoint"],
)
def test_a_run_without_room_fails_by_name_and_can_be_resumed(trainer, tmp_path, most, where):
    code, events = trainer(most)
    failed = events[-1]

    assert code == FAILED
    assert ("job.failed", "disk_full") == (failed["type"], failed["data"]["code"]), failed
    assert 1 == sum(event["type"] == "job.failed" for event in events)
    assert failed["data"]["file"].endswith(where)
    assert [] == list(tmp_path.rglob("*.partial"))
    log = tmp_path / "out/events.jsonl"
    for line in log.read_bytes().splitlines(keepends=True) if log.exists() else ():
        assert line.endswith(b"\n")
        json.loads(line)

    code, events = trainer(None)
    assert (SUCCEEDED, "job.succeeded") == (code, events[-1]["type"])
