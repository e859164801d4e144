"""A run that is lengthened ends where the longer one does that nobody stopped, bit for bit."""

import pytest
import torch

import kd_core
from kd_core.errors import Stopped, WorkdirInvalid
from kd_core.events import CheckpointSaved
from kd_core.packaging.timm_folder import digest
from kd_core.spec import parse_spec
from kd_core.spec.advice import advice
from kd_core.spec.lengthening import is_longer, lengthened
from kd_core.verification import verified
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_data, small_spec

EPOCHS, EXTRA = 2, 2
STEPS_PER_EPOCH = 4


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small_data("data.npz")
    save_teacher("teacher.safetensors")
    return tmp_path


def short(recipe=(), **changes):
    document = small_spec(**changes)
    return document | {"recipe": document["recipe"] | {"epochs": EPOCHS} | dict(recipe)}


def longer(document, extra=EXTRA):
    return lengthened(document, parse_spec(document).resolved(), extra)


def stop_after(steps):
    asked = iter([False] * steps)
    return lambda: next(asked, True)


def stopped(spec, folder, steps):
    with pytest.raises(Stopped):
        kd_core.distill(spec, folder, should_stop=stop_after(steps))


def student(folder):
    return digest(folder / "artifacts/safetensors")


def trained(spec, folder):
    """The weights of every training, by its folder; what comes after training is left out."""
    recipe = parse_spec(spec).recipe
    last, over = len(recipe.seeds) * recipe.epochs * STEPS_PER_EPOCH, []

    def hear(event):
        saved = isinstance(event.data, CheckpointSaved) and event.data.phase == "training"
        over.extend([True] * (saved and event.data.step == last))

    with pytest.raises(Stopped):
        kd_core.distill(spec, folder, hear, should_stop=lambda: bool(over))
    newest = {at.parent.name: at for at in sorted((folder / "checkpoints").glob("*/*.pt"))}
    return {name: torch.load(at, weights_only=True)["learner"] for name, at in newest.items()}


def flat(learners):
    return torch.cat(
        [
            tensor.flatten().double()
            for _, learner in sorted(learners.items())
            for part in ("network", "adapters")
            for tensor in learner[part].values()
        ]
    )


def test_every_seed_and_every_baseline_goes_on(here):
    """All trainings but the last were over when it was stopped."""
    terms = [{"kind": "ce", "decay": {"epochs": 3}}, {"kind": "ctkd", "warmup_epochs": 3}]
    spec = short({"seeds": [0, 1]}, **WITH_TEACHER | {"loss": terms, "baseline": True})
    whole = trained(longer(spec), here / "whole")
    stopped(spec, here / "parts", 6 + 3 * EPOCHS * STEPS_PER_EPOCH + 4)
    parts = trained(longer(spec), here / "parts")

    assert len(whole) == len(parts) == 4
    assert torch.equal(flat(whole), flat(parts))


def test_views_that_an_epoch_draws_are_recorded_for_the_new_ones(here):
    cache = {"teacher_cache": {"views": 3, "rows": "fp32"}, "augment": {"kind": "flip_crop"}}
    spec = short(cache, **WITH_TEACHER)
    whole = trained(longer(spec), here / "whole")
    stopped(spec, here / "parts", 6 + EPOCHS + STEPS_PER_EPOCH)
    parts = trained(longer(spec), here / "parts")

    assert torch.equal(flat(whole), flat(parts))
    assert len(list((here / "parts/teacher_answers").iterdir())) == 1


@pytest.mark.slow
def test_a_run_that_is_over_goes_on_and_ships_another_student(here):
    spec = short()
    kd_core.distill(spec, here / "out")
    before = student(here / "out")
    stopped(longer(spec), here / "out", 4)
    left = {path.name for path in (here / "out").iterdir()}
    report = kd_core.distill(longer(spec), here / "out")

    assert left.isdisjoint({"report.json", "report.html", "manifest.json", "artifacts"})
    assert before != student(here / "out")
    assert parse_spec(longer(spec)).fingerprint == report.fingerprint
    assert verified(here / "out").holds


def test_it_may_be_lengthened_again_and_not_shortened(here):
    spec = short()
    once = longer(spec, 1)
    whole = trained(longer(spec), here / "whole")
    stopped(spec, here / "parts", 6)
    stopped(once, here / "parts", 10)
    parts = trained(longer(once, 1), here / "parts")

    assert torch.equal(flat(whole), flat(parts))
    with pytest.raises(WorkdirInvalid, match="of another specification"):
        kd_core.distill(once, here / "parts")


def test_more_epochs_without_the_schedules_own_length_are_another_run(here):
    spec = short()
    stopped(spec, here / "out", 6)

    with pytest.raises(WorkdirInvalid, match="changed: /recipe/epochs") as refused:
        kd_core.distill(short({"epochs": 4}), here / "out")
    assert "recipe.schedule.epochs" in refused.value.problems[0].hint


RESOLVED = parse_spec(short()).resolved()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"name": "another"}, True),
        ({"student": {"architecture": "test_resnet"}}, False),
        ({"recipe": {"epochs": 4}}, False),
        ({"recipe": {"epochs": 4, "schedule": {"epochs": 3}}}, False),
        ({"recipe": {"epochs": 2, "schedule": {"epochs": 2}}}, False),
        ({"recipe": {"epochs": 1, "schedule": {"epochs": 2}}}, False),
        ({"recipe": {"epochs": 4, "schedule": {"epochs": 2}, "clip": 1.0}}, False),
    ],
    ids=str,
)
def test_longer_is_more_epochs_and_nothing_else(changes, expected):
    document = longer(short()) | changes
    document["recipe"] = short()["recipe"] | document["recipe"]

    assert expected == is_longer(parse_spec(document), RESOLVED)


@pytest.mark.parametrize("begun", [{}, {"recipe": 3}, {"recipe": {"epochs": 2, "schedule": 1}}])
def test_nothing_is_longer_than_what_is_no_specification(begun):
    assert not is_longer(parse_spec(longer(short())), begun)


def test_a_length_that_a_schedule_has_already_stays():
    spec = short({"epochs": 9, "schedule": {"kind": "cosine", "epochs": 5}})

    assert longer(spec)["recipe"]["schedule"] == {"kind": "cosine", "epochs": 5}
    assert longer({"recipe": {"preset": "quick"}, **small_spec(recipe={"preset": "quick"})})[
        "recipe"
    ] == {"preset": "quick", "epochs": 8 + EXTRA, "schedule": {"epochs": 8}}


def test_epochs_in_which_nothing_is_learnt_are_a_warning():
    told = [one.code for one in advice(parse_spec(longer(short())))]
    falling = {"schedule": {"kind": "linear", "final_fraction": 0.1}}

    assert told == ["schedule_at_rest"]
    assert list(advice(parse_spec(longer(short(falling))))) == []
    assert list(advice(parse_spec(short()))) == []
