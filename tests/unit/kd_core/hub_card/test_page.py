"""The card as the Hub reads it, and as a stranger's names leave it: text."""

import numpy as np
import pytest
import yaml
from huggingface_hub import ModelCard

import kd_core
from kd_core.hub_card.markdown import table, text
from tests.support.small_runs import OWN_TEACHER, SIDE, save_teacher, small_spec, stripes

HOSTILE = (
    "<script>alert(1)</script>",
    "a|b](http://x) ![i](y)\n\n# title\n---\n`code` *bold* $x$ &amp; @you",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A run whose owner called everything by names that mean something to a renderer."""
    folder = tmp_path_factory.mktemp("hostile")
    images, labels = stripes(20)
    np.savez(folder / "data.npz", images=images, labels=labels)
    spec = small_spec(
        name='x: "y"\n---\n# z <img src=x>',
        teacher=OWN_TEACHER,
        loss="kd",
        baseline=True,
        data={
            "dataset": f"file:{folder}/data.npz",
            "image_size": SIDE,
            "class_names": HOSTILE,
        },
        gates=[{"metric": "top1", "op": "<=", "value": 0.99}],
    )
    report = kd_core.distill(spec, folder / "out")
    return report, (folder / "out/README.md").read_text(encoding="utf-8")


def test_the_hub_reads_the_numbers_of_the_report(shipped):
    folder, report = shipped
    card = ModelCard.load(folder / "README.md")
    found = {result.metric_name: result.metric_value for result in card.data.eval_results}

    assert found["Top-1"] == pytest.approx(report.student.top1)
    assert found["Macro F1"] == pytest.approx(report.student.macro_f1, abs=1e-6)
    assert {"image-classification"} == {result.task_type for result in card.data.eval_results}
    assert {"validation"} == {result.dataset_split for result in card.data.eval_results}
    assert ("timm", "image-classification") == (card.data.library_name, card.data.pipeline_tag)
    assert ["accuracy", "f1"] == card.data.metrics
    assert card.data.license is None


def test_a_card_of_a_student_of_a_teacher_is_found_by_its_tag(hostile):
    _, card = hostile

    assert "knowledge-distillation" in ModelCard(card).data.tags


def test_the_test_split_is_a_result_of_its_own(tmp_path):
    images, labels = stripes(30)
    np.savez(
        tmp_path / "data.npz",
        train_images=images[:20],
        train_labels=labels[:20],
        test_images=images[20:],
        test_labels=labels[20:],
    )
    data = {"dataset": f"file:{tmp_path}/data.npz", "image_size": SIDE}
    report = kd_core.distill(small_spec(data=data), tmp_path / "out")
    card = ModelCard.load(tmp_path / "out/README.md")
    found = {
        result.dataset_split: result.metric_value
        for result in card.data.eval_results
        if result.metric_name == "Top-1"
    }

    assert report.test is not None
    assert {"validation", "test"} == set(found)
    assert found["test"] == pytest.approx(report.test.student.top1)


def test_unlabelled_data_has_no_results_to_claim(here):
    np.savez(here / "bare.npz", images=stripes(20)[0])
    spec = small_spec(
        teacher={"architecture": "test_efficientnet", "checkpoint": "file:t.safetensors"},
        loss=[{"kind": "kd"}],
        data={"dataset": "file:bare.npz", "image_size": SIDE, "unlabelled": True},
    )
    save_teacher(here / "t.safetensors")
    kd_core.distill(spec, here / "out")
    card = ModelCard.load(here / "out/README.md")

    assert ["agreement"] == [result.metric_type for result in card.data.eval_results]
    assert [] == card.data.metrics


def test_names_of_strangers_are_text(hostile):
    report, card = hostile
    _, front, body = card.split("---\n", 2)

    assert report.name == yaml.safe_load(front)["model-index"][0]["name"].replace("\\n", "\n")
    assert "<script" not in body.replace("\\<", "")
    assert "<img" not in body.replace("\\<", "")
    assert "\n# title" not in body
    assert "](http" not in body.replace("\\]", "")
    assert 1 == body.count("\n# ")


def test_everything_that_the_report_knows_is_told(hostile):
    report, card = hostile

    for words in (
        "## Gates",
        "| baseline |",
        "| teacher |",
        "Against the same student",
        "Seeds: 0",
    ):
        assert words in card
    assert f"{100 * report.student.top1:.2f} %" in card


def test_a_cell_stays_a_cell():
    rows = table(("name", "n"), [(text("a|b\n"), "1")]).splitlines()

    assert "| a\\|b\\\\n | 1 |" == rows[2]
