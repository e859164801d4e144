"""Several seeds and a baseline: what is trained, resumed, shipped and reported."""

from __future__ import annotations

import pytest

import kd_core
from kd_core.errors import SpecInvalid, Stopped
from kd_core.events import CheckpointSaved, Metrics, Progress
from kd_core.spec import parse_spec
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec

SEEDS = [3, 1, 2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_data("data.npz")
    save_teacher("teacher.safetensors")
    return tmp_path


def spec(seeds=SEEDS, **changes):
    document = small_spec(**{**WITH_TEACHER, **changes})
    return document | {"recipe": document["recipe"] | {"seeds": seeds}}


def shipped(folder):
    return (folder / "artifacts/safetensors/model.safetensors").read_bytes()


def test_the_first_seeds_student_is_shipped_and_all_are_reported(folder):
    alone = kd_core.distill(spec(seeds=[3]), folder / "alone")
    report = kd_core.distill(spec(), folder / "all")
    scores = [seed.last.top1 for seed in report.seeds]

    assert [seed.seed for seed in report.seeds] == SEEDS
    assert shipped(folder / "all") == shipped(folder / "alone")
    assert report.student.top1 == scores[0] == alone.seeds[0].last.top1
    assert report.top1_over_seeds.mean == pytest.approx(sum(scores) / 3)
    assert all(seed.best.top1 >= seed.last.top1 for seed in report.seeds)
    assert alone.top1_over_seeds is None


def test_steps_and_checkpoints_of_the_seeds_count_on(folder):
    seen = []
    kd_core.distill(spec(), folder / "out", on_event=lambda event: seen.append(event.data))
    saved = [at.step for at in seen if isinstance(at, CheckpointSaved)]
    last = [at for at in seen if isinstance(at, Progress)][-1]
    names = {point.name for at in seen if isinstance(at, Metrics) for point in at.points}

    assert saved == sorted(saved)
    assert last.step == last.total_steps == saved[-1]
    assert {"val/top1", "seed-1/val/top1", "seed-2/val/top1"} <= names
    assert not any(name.startswith("seed-3/") for name in names)


def test_a_baseline_smooths_its_labels_as_the_recipe_says(folder):
    def baselines_first_loss(smoothing):
        document = spec(seeds=[0], baseline=True, loss=[{"kind": "kd"}])
        document["recipe"] = document["recipe"] | {"label_smoothing": smoothing, "epochs": 1}
        seen = []
        kd_core.distill(document, folder / str(smoothing), lambda at: seen.append(at.data))
        return next(
            point.value
            for at in seen
            if isinstance(at, Metrics) and at.phase == "training_baseline"
            for point in at.points
            if point.name == "train/loss"
        )

    assert baselines_first_loss(0.0) != baselines_first_loss(0.5)


@pytest.mark.parametrize("asked", [9, 25])
def test_stopped_in_any_seed_and_resumed_it_ends_alike(folder, asked):
    wanted = kd_core.distill(spec(baseline=True), folder / "whole")
    looks = iter(range(asked))
    with pytest.raises(Stopped):
        kd_core.distill(
            spec(baseline=True), folder / "parts", should_stop=lambda: next(looks, None) is None
        )
    found = kd_core.distill(spec(baseline=True), folder / "parts")

    assert shipped(folder / "parts") == shipped(folder / "whole")
    assert found.seeds == wanted.seeds
    assert found.kd_gain == wanted.kd_gain


def test_a_baseline_is_the_same_student_on_labels_alone(folder):
    report = kd_core.distill(spec(seeds=[0], baseline=True), folder / "both")
    labels = small_spec(loss="ce")
    alone = kd_core.distill(labels | {"recipe": labels["recipe"] | {"seeds": [0]}}, folder / "ce")

    assert report.baseline.top1 == alone.student.top1
    assert report.kd_gain.top1 == pytest.approx(report.student.top1 - alone.student.top1)
    assert report.kd_gain.low <= report.kd_gain.top1 <= report.kd_gain.high
    assert alone.baseline is None


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (spec(seeds=[1, 1]), "/recipe/seeds"),
        (spec(baseline="yes"), "/baseline"),
        (
            spec(
                baseline=True,
                data={"dataset": "file:data.npz", "unlabelled": True},
                loss=[{"kind": "kd"}],
            ),
            "/baseline",
        ),
    ],
)
def test_a_mistake_is_answered_at_its_place(document, pointer):
    with pytest.raises(SpecInvalid) as caught:
        parse_spec(document)

    assert [problem.pointer for problem in caught.value.problems] == [pointer]
