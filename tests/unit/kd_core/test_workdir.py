"""The folder of a run: one process at a time, no foreign files, nothing left by a refusal."""

import json

import pytest

from kd_core.errors import DataInvalid, WorkdirInvalid
from kd_core.spec import parse_spec
from kd_core.workdir import RunRecord, opened
from tests.support.small_runs import small_spec

SPEC = parse_spec(small_spec())
RECORD = RunRecord(
    fingerprint=SPEC.fingerprint,
    spec=SPEC.resolved(),
    device="cpu",
    threads=1,
    inputs={"data": "d", "teacher": None, "student.init": None},
    versions={},
)


def begin(path, spec=SPEC, resume=True):
    with opened(path, spec, resume=resume) as folder:
        folder.write_record(RECORD)


def test_two_processes_do_not_share_a_folder(tmp_path):
    with opened(tmp_path, SPEC, resume=True) as folder:
        folder.write_record(RECORD)
        with (
            pytest.raises(WorkdirInvalid, match="another process"),
            opened(tmp_path, SPEC, resume=True),
        ):
            pass

    assert folder.record() == RECORD


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(WorkdirInvalid, match=r"thesis\.tex"), opened(tmp_path, SPEC, resume=True):
        pass
    assert ["thesis.tex"] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")

    with (
        pytest.raises(WorkdirInvalid, match="cannot be made"),
        opened(tmp_path / "file/out", SPEC, resume=True),
    ):
        pass


def test_parents_that_a_refused_run_made_go_too(tmp_path):
    with pytest.raises(DataInvalid), opened(tmp_path / "a/b/c", SPEC, resume=True):
        raise DataInvalid("no")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("existed", [True, False])
def test_a_run_refused_before_it_began_leaves_nothing(tmp_path, existed):
    path = tmp_path / "out"
    if existed:
        path.mkdir()

    with pytest.raises(DataInvalid), opened(path, SPEC, resume=True) as folder:
        (folder.scratch / "half").write_text("made")
        raise DataInvalid("no")
    assert existed == path.exists()
    assert not existed or not list(path.iterdir())


def test_what_a_killed_attempt_left_half_written_is_removed(tmp_path):
    begin(tmp_path)
    (tmp_path / "checkpoints/training").mkdir(parents=True)
    (tmp_path / "checkpoints/training/step-00000001.pt.partial").write_text("")
    (tmp_path / "teacher.partial").mkdir()
    (tmp_path / "events.jsonl").write_text('{"whole": 1}\n{"ha')

    with opened(tmp_path, SPEC, resume=True):
        pass
    assert not list(tmp_path.rglob("*.partial"))
    assert (tmp_path / "events.jsonl").read_text() == '{"whole": 1}\n'


def test_a_run_may_be_renamed_and_resumed(tmp_path):
    begin(tmp_path)
    begin(tmp_path, parse_spec(small_spec(name="another name")))


def test_what_changed_is_listed(tmp_path):
    begin(tmp_path)
    changed = parse_spec(small_spec(loss="kd", teacher={"architecture": "resnet18", "recipe": {}}))

    with pytest.raises(WorkdirInvalid, match="changed: /loss, /teacher"):
        begin(tmp_path, changed)


def test_the_record_is_json_that_people_can_read(tmp_path):
    begin(tmp_path)

    assert json.loads((tmp_path / "run.json").read_text())["spec"] == SPEC.resolved()
