"""A run is copied while it goes on, and unpacked elsewhere as it was."""

import io
import tarfile

import pytest

from stillhouse.domain.errors import BlobCorrupted, NotFound
from stillhouse.store import DirectoryBlobs
from worker import snapshots
from worker.snapshots import SnapshotDamaged


@pytest.fixture
def blobs(tmp_path):
    return DirectoryBlobs(tmp_path / "blobs")


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run"
    (folder / "checkpoints/training").mkdir(parents=True)
    (folder / "checkpoints/training/step-00000010.pt").write_bytes(b"state" * 1000)
    (folder / "checkpoints/training/step-00000010.json").write_text('{"step": 10}')
    (folder / "run.json").write_text("{}")
    return folder


def save(blobs, run, label="job_1 1"):
    return snapshots.save(blobs, run, run.parent / "staging", label)


def restored(blobs, sha256, tmp_path):
    target = tmp_path / "restored"
    target.mkdir()
    snapshots.restore(blobs, sha256, target, tmp_path / "snapshot.tar")
    return target


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_was_saved_comes_back_to_the_byte(blobs, run, tmp_path):
    blob = save(blobs, run)
    target = restored(blobs, blob.sha256, tmp_path)

    assert files(run) == files(target)
    assert not (tmp_path / "staging").exists()
    assert not (tmp_path / "snapshot.tar").exists()


def test_what_belongs_to_a_process_stays_behind(blobs, run, tmp_path):
    kept = files(run)
    for name in (".lock", "events.jsonl", "report.json.partial"):
        (run / name).write_text("mine")
    for name in ("scratch", "teacher.partial"):
        (run / name).mkdir()
        (run / name / "file").write_text("mine")
    (run / "link").symlink_to("/etc/passwd")

    assert kept == files(restored(blobs, save(blobs, run).sha256, tmp_path))


def test_a_checkpoint_without_its_record_is_none(blobs, run):
    (run / "checkpoints/training/step-00000010.json").unlink()

    assert save(blobs, run) is None


def test_a_snapshot_is_one_attempts_alone(blobs, run):
    digests = {save(blobs, run, label).sha256 for label in ("job_1 1", "job_1 2", "job_2 1")}

    assert 3 == len(digests)


def planted(name, kind=tarfile.REGTYPE, link=""):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, link
        tar.addfile(member)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        planted("../out"),
        planted("/out"),
        planted("a/../../out"),
        planted("link", tarfile.SYMTYPE, "/etc"),
        planted("hard", tarfile.LNKTYPE, "run.json"),
        planted("pipe", tarfile.FIFOTYPE),
        b"this is not a tar",
    ],
)
def test_what_no_snapshot_of_ours_holds_is_refused(blobs, tmp_path, content):
    blob = blobs.put([content], max_bytes=1 << 20)

    with pytest.raises(SnapshotDamaged):
        restored(blobs, blob.sha256, tmp_path)
    assert [] == list((tmp_path / "restored").iterdir())
    assert not (tmp_path / "out").exists()


def test_a_damaged_or_missing_blob_is_noticed(blobs, run, tmp_path):
    blob = save(blobs, run)
    with blobs.path(blob.sha256).open("r+b") as file:
        file.seek(2000)
        file.write(b"bad")

    with pytest.raises(BlobCorrupted):
        restored(blobs, blob.sha256, tmp_path)
    (tmp_path / "restored").rmdir()
    with pytest.raises(NotFound):
        restored(blobs, "0" * 64, tmp_path)
