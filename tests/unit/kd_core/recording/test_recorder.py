"""Recorded answers are the teacher's: training on them is training beside it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import safetensors.torch
import torch

import kd_core
from kd_core.errors import SpecInvalid, Stopped
from kd_core.events import PhaseChanged, Progress, Warned
from kd_core.spec import parse_spec
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec

FLIP_CROP = {"kind": "flip_crop", "padding": 1}
EVERYTHING = {
    "augment": {"kind": "resized_crop", "policy": "trivialaugment", "jitter": 0.2},
    "mix": {"kind": "mixup"},
    "ema": 0.9,
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_data("data.npz", count=40)
    save_teacher("teacher.safetensors")
    return tmp_path


def spec(loss="kd", **recipe):
    document = small_spec(**{**WITH_TEACHER, "loss": loss})
    return document | {"recipe": document["recipe"] | {"epochs": 3} | recipe}


def run(folder, document, **options):
    seen = []
    report = kd_core.distill(document, folder, lambda event: seen.append(event.data), **options)
    return report, seen


def weights(folder):
    state = safetensors.torch.load_file(folder / "artifacts/safetensors/model.safetensors")
    return torch.cat([at.flatten().double() for at in state.values()])


def rows(folder):
    (found,) = folder.glob("teacher_answers/*/rows.bin")
    return found


@pytest.mark.parametrize(
    ("recipe", "views"),
    [({}, "all"), ({"augment": FLIP_CROP}, "all"), ({"epochs": 1, **EVERYTHING}, 1)],
    ids=["unchanged", "every flip and crop", "one mixed view"],
)
def test_a_recorded_run_ends_where_one_beside_the_teacher_does(folder, recipe, views):
    """The views are the same, so the weights are; in float32 but for the last bits."""
    loss = "ctkd" if recipe else "kd"
    if recipe.get("mix"):
        loss = [{"kind": "ce"}, {"kind": "kd"}]
    run(folder / "online", spec(loss, **recipe))
    run(
        folder / "recorded",
        spec(loss, **recipe, teacher_cache={"views": views, "rows": "fp32"}),
    )

    torch.testing.assert_close(
        weights(folder / "recorded"), weights(folder / "online"), rtol=0, atol=1e-6
    )


def test_recorded_views_repeat_epoch_after_epoch(folder):
    given = spec([{"kind": "kd"}], epochs=4, **EVERYTHING, teacher_cache={"views": 2})
    _, seen = run(folder / "out", given)
    phases = [at.phase for at in seen if isinstance(at, PhaseChanged)]
    done = [at for at in seen if isinstance(at, Progress) and at.phase == "caching_teacher"]

    assert phases.index("caching_teacher") < phases.index("training")
    assert done[-1].step == done[-1].total_steps == 2
    assert rows(folder / "out").stat().st_size == 2 * 32 * 2 * 2  # views, samples, classes, fp16


@pytest.mark.parametrize("asked", [4, 5, 9])
def test_stopped_while_recording_or_after_it_ends_in_the_same_bits(folder, asked):
    given = spec([{"kind": "ce"}, {"kind": "ctkd"}], **EVERYTHING, teacher_cache={"views": 2})
    run(folder / "whole", given)
    looks = iter(range(asked))
    with pytest.raises(Stopped):
        run(folder / "parts", given, should_stop=lambda: next(looks, None) is None)
    run(folder / "parts", given)

    assert torch.equal(weights(folder / "whole"), weights(folder / "parts"))
    assert rows(folder / "whole").read_bytes() == rows(folder / "parts").read_bytes()


def shifted(rows):
    return np.roll(rows, 1, axis=0)


def with_strangers(rows):
    """A quarter of the answers belongs to other samples."""
    rows = rows.copy()
    rows[::4] = shifted(rows)[::4]
    return rows


def without_numbers(rows):
    return np.full_like(rows, np.nan)


@pytest.mark.parametrize("poison", [shifted, with_strangers, without_numbers])
def test_a_poisoned_recording_is_caught_thrown_away_and_made_again(folder, poison):
    given = spec(teacher_cache={"rows": "fp32"})
    run(folder / "whole", given)
    looks = iter(range(12))
    with pytest.raises(Stopped):
        run(folder / "out", given, should_stop=lambda: next(looks, None) is None)
    good = rows(folder / "out").read_bytes()
    answers = np.frombuffer(good, np.float32).reshape(-1, 2)
    rows(folder / "out").write_bytes(poison(answers).tobytes())
    _, seen = run(folder / "out", given)

    assert "cache_poisoned" in [at.code for at in seen if isinstance(at, Warned)]
    assert rows(folder / "out").read_bytes() == good
    assert torch.equal(weights(folder / "whole"), weights(folder / "out"))


@pytest.mark.parametrize("kind", ["fp32", "fp16", "uint8"])
def test_another_teachers_answers_are_caught(folder, kind):
    given = spec(teacher_cache={"rows": kind})
    looks = iter(range(12))
    with pytest.raises(Stopped):
        run(folder / "out", given, should_stop=lambda: next(looks, None) is None)
    save_teacher("teacher.safetensors", seed=4)
    run(folder / "other", given)
    save_teacher("teacher.safetensors")
    rows(folder / "out").write_bytes(rows(folder / "other").read_bytes())
    _, seen = run(folder / "out", given)

    assert "cache_poisoned" in [at.code for at in seen if isinstance(at, Warned)]


def test_a_whole_recording_is_believed(folder):
    given = spec(teacher_cache={"rows": "uint8"})
    looks = iter(range(12))
    with pytest.raises(Stopped):
        run(folder / "out", given, should_stop=lambda: next(looks, None) is None)
    before = rows(folder / "out").stat().st_mtime_ns
    _, seen = run(folder / "out", given)

    assert "cache_poisoned" not in [at.code for at in seen if isinstance(at, Warned)]
    assert rows(folder / "out").stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", [b"", b"{", b'{"blocks": "x"}', b"[]"])
def test_a_count_that_cannot_be_read_counts_nothing(folder, damage):
    given = spec(teacher_cache={"rows": "fp32"})
    looks = iter(range(12))
    with pytest.raises(Stopped):
        run(folder / "out", given, should_stop=lambda: next(looks, None) is None)
    (rows(folder / "out").parent / "done.json").write_bytes(damage)
    run(folder / "out", given)

    assert json.loads((rows(folder / "out").parent / "done.json").read_bytes()) == {"blocks": 1}


def test_students_of_several_seeds_share_a_recording(folder):
    given = spec([{"kind": "kd"}], seeds=[0, 1], **EVERYTHING, teacher_cache={"views": 2})
    run(folder / "out", given)

    assert len(list((folder / "out/teacher_answers").iterdir())) == 1


@pytest.mark.parametrize(
    ("loss", "recipe", "pointer"),
    [
        ("kd", {"augment": {"kind": "resized_crop"}}, "/recipe/teacher_cache/views"),
        ([{"kind": "kd"}], {"mix": {"kind": "mixup"}}, "/recipe/teacher_cache/views"),
        ("pld", {"teacher_cache": {"rows": "uint8"}}, "/recipe/teacher_cache/rows"),
        ("kd", {"teacher_cache": {"rows": "topk"}}, "/recipe/teacher_cache/rows"),
        ("kd", {"teacher_cache": {"views": 0}}, "/recipe/teacher_cache/views"),
    ],
)
def test_what_cannot_be_recorded_is_refused_at_its_place(loss, recipe, pointer):
    with pytest.raises(SpecInvalid) as caught:
        parse_spec(spec(loss, **{"teacher_cache": {}, **recipe}))

    assert pointer in [problem.pointer for problem in caught.value.problems]
