"""The test split is touched once, when nothing is left to choose, and its numbers are reported."""

import json

import numpy as np
import pytest
import timm
import torch
from PIL import Image

import kd_core
from kd_core.events import Event, PhaseChanged, Warned
from kd_core.report import Report
from tests.support.small_runs import OWN_TEACHER, SIDE, small_spec, stripes

SPLITS = {"train": 16, "val": 8, "test": 12}


@pytest.fixture
def pets(tmp_path, monkeypatch):
    """Striped images in folders of three splits."""
    monkeypatch.chdir(tmp_path)
    for seed, (split, count) in enumerate(SPLITS.items()):
        images, labels = stripes(count, SIDE, seed)
        for number, (image, label) in enumerate(zip(images, labels, strict=True)):
            path = tmp_path / f"pets/{split}/{'across' if label else 'down'}/{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(path)
    return tmp_path / "pets"


def spec(**changes):
    return small_spec(data={"dataset": "file:pets", "image_size": SIDE}, **changes)


@pytest.mark.usefixtures("pets")
def test_the_test_split_is_not_even_decoded_before_everything_is_chosen(tmp_path):
    stores = []

    def look(event):
        at_test = isinstance(event.data, PhaseChanged) and event.data.phase == "evaluating"
        stores.append((at_test, len(list((tmp_path / "cache").glob("*.images")))))

    kd_core.distill(spec(teacher=OWN_TEACHER, loss="kd"), "out", look, cache_dir=tmp_path / "cache")

    evaluating = next(place for place, (at_test, _) in enumerate(stores) if at_test)
    assert {0, 2} == {count for _, count in stores[: evaluating + 1]}
    assert stores[-1] == (False, 3)


def test_what_lies_in_the_test_split_changes_nothing_but_its_own_numbers(pets, tmp_path):
    first = kd_core.distill(spec(), "first")
    for file in (pets / "test").rglob("*.png"):
        file.unlink()
        Image.fromarray(np.zeros((SIDE, SIDE, 3), np.uint8)).save(file)
    other = kd_core.distill(spec(), "other")

    assert first.artifacts[0].sha256 == other.artifacts[0].sha256
    assert first.student.top1 == other.student.top1
    assert first.test.samples == other.test.samples == SPLITS["test"]
    assert other.test.student.top1 == 0.5
    files = [(tmp_path / run / "predictions.csv").read_bytes() for run in ("first", "other")]
    assert files[0] == files[1]


def test_its_numbers_are_those_of_the_file_that_is_shipped(pets, tmp_path):
    report = kd_core.distill(spec(teacher=OWN_TEACHER, loss="kd"), "out")
    network = timm.create_model(f"local-dir:{tmp_path}/out/artifacts/safetensors", pretrained=True)
    transform = timm.data.create_transform(**timm.data.resolve_data_config({}, model=network))
    right = []
    for file in sorted((pets / "test").rglob("*.png")):
        with Image.open(file) as image, torch.no_grad():
            answer = network.eval()(transform(image.convert("RGB"))[None]).argmax().item()
        right.append(answer == (file.parent.name == "down"))

    assert report.test.student.top1 == np.mean(right)
    assert ("across", "down") == tuple(one.name for one in report.test.student.per_class)
    assert report.test.teacher.top1 is not None
    assert report.test.student.agreement_teacher is not None


@pytest.mark.usefixtures("pets")
def test_every_seed_and_the_baseline_are_looked_at(tmp_path):
    recipe = spec()["recipe"] | {"seeds": [0, 1]}
    kd_core.distill(spec(teacher=OWN_TEACHER, loss="kd", baseline=True, recipe=recipe), "out")
    document = json.loads((tmp_path / "out/report.json").read_text())
    test = document["test"]

    assert [0, 1] == [one["seed"] for one in test["seeds"]]
    assert test["top1_over_seeds"]["mean"] == np.mean([one["top1"] for one in test["seeds"]])
    assert test["seeds"][0]["top1"] == test["student"]["top1"]
    assert test["kd_gain"]["over"] == "seeds"
    assert {"student", "teacher", "baseline"} < test.keys()
    assert Report.parse(document).as_json() == document


def test_data_without_a_test_split_has_no_such_numbers(here):
    kd_core.distill(small_spec(), "out")

    assert "test" not in json.loads((here / "out/report.json").read_text())


def test_a_test_split_that_cannot_be_read_costs_nobody_the_student(pets, tmp_path):
    for file in (pets / "test").rglob("*.png"):
        file.write_bytes(b"no image")
    report = kd_core.distill(spec(), "out")
    lines = (tmp_path / "out/events.jsonl").read_text().splitlines()
    said = [event.data for event in map(Event.parse, lines) if isinstance(event.data, Warned)]

    assert report.test is None
    assert report.student.top1 is not None
    assert ["test_left_out"] == [warned.code for warned in said]


def test_an_image_that_is_in_training_and_test_is_said_at_the_end(pets, tmp_path):
    shown = next((pets / "train").rglob("*.png"))
    (pets / "test" / shown.parent.name / "leak.png").write_bytes(shown.read_bytes())
    kd_core.distill(spec(), "out")
    lines = (tmp_path / "out/events.jsonl").read_text().splitlines()
    said = [event.data for event in map(Event.parse, lines) if isinstance(event.data, Warned)]

    assert "the test split says less than it seems (1): test/" in said[-1].message
