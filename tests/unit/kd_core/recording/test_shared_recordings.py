"""A recording that another run made is as good as one's own, or is thrown away."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

import kd_core
from kd_core.errors import Stopped
from kd_core.events import Chosen, Progress, Warned
from kd_core.recording.key import key_of
from kd_core.recording.shared import SharedRecordings
from kd_core.training.views import Views
from tests.support import toys
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec

PLENTY = {"augment": {"kind": "flip_crop", "padding": 1}}  # views: 18 of each image
LOOKS = 12  # at whether to stop, before a run is in the middle of its training


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_data("data.npz", count=40)
    save_teacher("teacher.safetensors")
    return tmp_path


def spec(loss="kd", student="test_efficientnet", **recipe):
    document = small_spec(**{**WITH_TEACHER, "loss": loss})
    recipe = document["recipe"] | {"teacher_cache": {}} | PLENTY | recipe
    return document | {"recipe": recipe, "student": {"architecture": student}}


def run(folder, document, **options):
    seen, shared = [], folder.parent / "shared"
    options = {"recordings_dir": shared} | options
    report = kd_core.distill(document, folder, lambda event: seen.append(event.data), **options)
    return report, seen


def source(seen):
    return [at.value for at in seen if isinstance(at, Chosen) and at.name == "teacher_answers"]


def blocks_asked(seen):
    return [at for at in seen if isinstance(at, Progress) and at.phase == "caching_teacher"]


def warned(seen):
    codes = {"cache_poisoned", "recording_not_shared"}
    return [at.code for at in seen if isinstance(at, Warned) and at.code in codes]


def shipped(folder):
    return (folder / "artifacts/safetensors/model.safetensors").read_bytes()


def shared_file(folder):
    (found,) = (folder / "shared").iterdir()
    return found


@pytest.mark.parametrize("rows", ["fp16", "uint8"])
def test_a_run_with_the_recording_of_another_ends_in_the_bits_of_one_with_its_own(folder, rows):
    dkd = spec("dkd", seeds=[7], teacher_cache={"rows": rows})
    run(folder / "first", spec(teacher_cache={"rows": rows}))
    run(folder / "alone", dkd, recordings_dir=None)
    report, seen = run(folder / "second", dkd)

    assert ["reused"] == source(seen)
    assert [] == blocks_asked(seen)
    assert "reused" == report.chosen["teacher_answers"]
    assert shipped(folder / "alone") == shipped(folder / "second")


def test_another_student_of_another_length_learns_from_it_too(folder):
    run(folder / "first", spec())
    _, seen = run(folder / "second", spec(student="test_resnet", epochs=1, batch_size=8))

    assert ["reused"] == source(seen)


def test_it_is_told_whose_it_is_where_somebody_wrote_that_down(folder):
    run(folder / "first", spec())
    shared_file(folder).with_suffix(".from").write_text("job_1")
    _, seen = run(folder / "second", spec())
    (why,) = [at.why for at in seen if isinstance(at, Chosen)]

    assert "job_1 has recorded them; 64 were asked for again, and are the same" == why


@pytest.mark.parametrize(
    "changes",
    [
        {"teacher_cache": {"rows": "uint8"}},
        {"teacher_cache": {"views": 2}},
        {"augment": {"kind": "none"}},
        {"teacher_precision": "bf16"},
    ],
    ids=["rows", "views", "augment", "precision"],
)
def test_what_the_answers_follow_from_makes_another_recording(folder, changes):
    run(folder / "first", spec())
    _, seen = run(folder / "second", spec(**changes))

    assert ["recorded"] == source(seen)
    assert 2 == len(list((folder / "shared").iterdir()))


def test_another_teacher_other_data_or_threads_make_another_recording(folder):
    run(folder / "first", spec())
    save_teacher("teacher.safetensors", seed=4)
    _, of_teacher = run(folder / "teacher", spec())
    save_teacher("teacher.safetensors")
    small_data("data.npz", count=44)
    _, of_data = run(folder / "data", spec())
    small_data("data.npz", count=40)
    _, of_threads = run(folder / "threads", spec() | {"resources": {"device": "cpu", "threads": 2}})

    assert [["recorded"]] * 3 == [source(seen) for seen in (of_teacher, of_data, of_threads)]


def test_views_that_are_drawn_belong_to_their_seed(folder):
    some = {"teacher_cache": {"views": 1}}
    run(folder / "first", spec(**some))
    _, same = run(folder / "same", spec("dkd", **some))
    _, other = run(folder / "other", spec(seeds=[1], **some))

    assert (["reused"], ["recorded"]) == (source(same), source(other))


def shifted(rows):
    return np.roll(rows, 1, axis=0)


def half(rows):
    return rows[: len(rows) // 2]


@pytest.mark.parametrize(("damage", "told"), [(shifted, ["cache_poisoned"]), (half, [])])
def test_one_that_is_poisoned_or_cut_short_is_thrown_away_and_made_again(folder, damage, told):
    run(folder / "first", spec())
    shared = shared_file(folder)
    good = shared.read_bytes()
    shared.unlink()  # the first run has it under a name of its own
    shared.write_bytes(damage(np.frombuffer(good, np.float16).reshape(-1, 2)).tobytes())
    _, seen = run(folder / "second", spec())

    assert (["recorded"], told) == (source(seen), warned(seen))
    assert good == shared_file(folder).read_bytes()
    assert shipped(folder / "first") == shipped(folder / "second")


def test_what_is_not_whole_is_not_left_for_others(folder):
    looks = iter(range(4))
    with pytest.raises(Stopped):
        run(folder / "first", spec(), should_stop=lambda: next(looks, None) is None)
    assert not (folder / "shared").exists()

    _, seen = run(folder / "first", spec())
    assert ["recorded"] == source(seen)
    assert shared_file(folder).stat().st_size == 18 * 32 * 2 * 2


def test_a_recording_that_was_begun_yields_to_a_whole_one(folder):
    looks = iter(range(5))
    with pytest.raises(Stopped):
        run(folder / "second", spec(), should_stop=lambda: next(looks, None) is None)
    run(folder / "first", spec())
    _, seen = run(folder / "second", spec())

    assert ["reused"] == source(seen)
    assert shipped(folder / "first") == shipped(folder / "second")


def test_a_run_that_is_stopped_while_it_learns_from_one_ends_in_the_same_bits(folder):
    run(folder / "first", spec())
    looks = iter(range(LOOKS))
    with pytest.raises(Stopped):
        run(folder / "second", spec(), should_stop=lambda: next(looks, None) is None)
    shared_file(folder).unlink()
    report, seen = run(folder / "second", spec())

    assert ([], "reused") == (source(seen), report.chosen["teacher_answers"])
    assert shipped(folder / "first") == shipped(folder / "second")


def test_a_folder_that_takes_nothing_ends_no_run(folder):
    (folder / "shared").write_text("this is a file")
    _, seen = run(folder / "first", spec())

    assert (["recorded"], ["recording_not_shared"]) == (source(seen), warned(seen))


def test_a_folder_on_another_disk_gets_a_copy(folder):
    given = folder / "given"
    given.write_bytes(b"rows")
    with TemporaryDirectory(dir="/dev/shm") as elsewhere:
        shared = SharedRecordings(Path(elsewhere) / "shared")
        shared.leave("a", given)
        shared.leave("a", given)
        given.write_bytes(b"other")

        assert b"rows" == shared.find("a", 4).read_bytes()
        assert ["a.rows"] == [path.name for path in shared.folder.iterdir()]


def test_a_key_is_of_the_answers_and_of_nothing_else():
    teacher, split = toys.lesson().teacher, toys.batches()
    given = toys.recipe(teacher_cache={})

    def key(recipe=given, seed=0, data="digest"):
        return key_of(teacher, Views(split, recipe, 2, seed), data)

    same = [
        key(seed=1),
        key(toys.recipe(teacher_cache={}, ema=0.5, batch_size=2, epochs=9)),
        key_of(teacher, Views(toys.batches(batch_size=2), given, 2, 0), "digest"),
    ]
    assert {key()} == set(same)
    assert key() != key(data="other")
