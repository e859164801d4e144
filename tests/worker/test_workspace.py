"""The folder of an attempt: what it is given, what it may read, and when it goes away."""

import errno
import json
import subprocess
import sys

import pytest

from stillhouse.domain.failure import ExitClass
from stillhouse.store import DirectoryBlobs
from tests.support.service import job_spec
from worker.scratch import scratch_folder, sweep
from worker.workspace import (
    CannotPrepare,
    Input,
    Workspace,
    check_room,
    file_name,
    is_disk_full,
)

DATA = "ds_06chj90000s00000000000001g@1"
MODEL, JOB = "mdl_06chj90000s00000000000001g", "job_06chj90000s00000000000001g"


@pytest.fixture
def blobs(tmp_path):
    return DirectoryBlobs(tmp_path / "blobs")


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "attempt-1"
    folder.mkdir()
    return Workspace(folder)


def test_inputs_lie_beside_the_specification_that_names_them(workspace, blobs):
    blob = blobs.put([b"stripes"], max_bytes=100)
    given = Input("/data/dataset", "my cats.v2.tar.gz", blob.sha256, blob.size_bytes)
    workspace.prepare(job_spec(data={"dataset": DATA}), [given], blobs, sent={})
    spec = json.loads(workspace.spec.read_text())

    assert "file:inputs/data/dataset/my cats.v2.tar.gz" == spec["data"]["dataset"]
    assert b"stripes" == (workspace.folder / spec["data"]["dataset"][5:]).read_bytes()
    assert [] == list(workspace.run.iterdir())
    assert not {"project", "labels", "limits", "priority"} & set(spec)


def test_a_student_lies_in_a_folder_of_its_own_and_describes_itself(workspace, blobs):
    blob = blobs.put([b"stripes"], max_bytes=100)
    files = [
        Input("/teachers/1/checkpoint", name, blob.sha256, blob.size_bytes, of_folder=True)
        for name in ("model.safetensors", "config.json")
    ]
    model = Input(
        "/teachers/0/checkpoint",
        "my.safetensors",
        blob.sha256,
        blob.size_bytes,
        also={"/teachers/0/architecture": "resnet18"},
    )
    several = [{"checkpoint": MODEL}, {"checkpoint": f"job:{JOB}"}]
    workspace.prepare(job_spec(teacher=None, teachers=several), [model, *files], blobs, sent={})
    first, second = json.loads(workspace.spec.read_text())["teachers"]
    folder = workspace.folder / second["checkpoint"].removeprefix("file:")

    assert ("resnet18", "file:inputs/teachers/0/checkpoint/my.safetensors") == (
        first["architecture"],
        first["checkpoint"],
    )
    assert {"model.safetensors", "config.json"} == {path.name for path in folder.iterdir()}
    assert "architecture" not in second


def test_the_bytes_are_a_copy_that_nobody_else_sees_change(workspace, blobs):
    blob = blobs.put([b"stripes"], max_bytes=100)
    given = Input("/data/dataset", "a.npz", blob.sha256, 7)
    workspace.prepare(job_spec(data={"dataset": DATA}), [given], blobs, sent={})
    (workspace.folder / given.place).write_bytes(b"changed")

    assert blobs.verify(blob.sha256)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (lambda path: path.write_bytes(b"rotten!"), "blob_corrupted"),
        (lambda path: path.unlink(), "blob_missing"),
    ],
)
def test_a_job_whose_data_is_damaged_in_the_store_fails_and_says_so(workspace, blobs, harm, code):
    blob = blobs.put([b"stripes"], max_bytes=100)
    harm(blobs.path(blob.sha256))
    given = Input("/data/dataset", "cats.zip", blob.sha256, blob.size_bytes)

    with pytest.raises(CannotPrepare, match="the stored bytes of") as error:
        workspace.prepare(job_spec(data={"dataset": DATA}), [given], blobs, sent={})
    failure = error.value.failure
    assert (ExitClass.DATA_ERROR, code) == (failure.exit_class, failure.code)
    assert not (workspace.folder / given.place).exists()


@pytest.mark.parametrize("name", ["a.npz", "ä" * 90 + ".zip", "no suffix"])
def test_a_file_keeps_the_name_its_user_knows(name):
    assert name == file_name(name)


def test_a_name_that_no_disk_can_hold_keeps_its_end():
    assert "file.tar.gz" == file_name("ä" * 250 + ".tar.gz")


@pytest.mark.parametrize("where", ["/etc/passwd", "relative.npz", "{root}/../secret.npz"])
def test_a_file_outside_of_the_allowed_roots_is_not_read(workspace, blobs, tmp_path, where):
    root = tmp_path / "allowed"
    spec = job_spec(data={"dataset": f"file:{where.format(root=root)}"})

    with pytest.raises(CannotPrepare) as refusal:
        workspace.prepare(spec, [], blobs, sent={}, roots=(root,))
    assert "file_not_allowed" == refusal.value.failure.code
    assert "/data/dataset" in refusal.value.failure.message


def test_a_file_under_an_allowed_root_is_read_where_it_is(workspace, blobs, tmp_path):
    spec = job_spec(data={"dataset": f"file:{tmp_path}/data.npz"})
    workspace.prepare(spec, [], blobs, sent={}, roots=(tmp_path,))

    assert f"file:{tmp_path}/data.npz" == json.loads(workspace.spec.read_text())["data"]["dataset"]


def test_a_full_disk_is_noticed_before_and_named(tmp_path):
    with pytest.raises(CannotPrepare) as refusal:
        check_room(tmp_path, 1 << 60)

    failure = refusal.value.failure
    assert ("infra_lost", "disk_full") == (failure.exit_class, failure.code)
    assert "are free" in failure.message
    assert is_disk_full(OSError(errno.ENOSPC, "no space"))
    assert not is_disk_full(OSError(errno.ENOENT, "none"))


def test_a_scratch_folder_goes_with_its_block(tmp_path):
    with scratch_folder(tmp_path, "job_1/attempt-1") as folder:
        (folder / "file").write_text("x")
        assert [] == sweep(tmp_path)
        assert folder.exists()

    assert not folder.parent.exists()


HOLDER = """
import sys, pathlib
from worker.scratch import scratch_folder
with scratch_folder(pathlib.Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_swept_when_its_process_was_killed_and_not_before(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path, "job_1/attempt-1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        holder.stdout.readline()
        assert [] == sweep(tmp_path)
        holder.kill()
        holder.wait()

        assert ["job_1/attempt-1"] == sweep(tmp_path)
        assert not (tmp_path / "job_1").exists()
