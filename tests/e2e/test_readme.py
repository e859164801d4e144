"""What the README tells a stranger to do works, and its numbers are the report's."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.readme import ROOT, block

STILL = Path(sys.executable).with_name("still")


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The example, run as the README says, in a folder where its output is `out/`."""
    folder = tmp_path_factory.mktemp("digits")
    result = subprocess.run(
        [STILL, "distill", ROOT / "examples/digits.yaml", "--out", "out"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    return folder, result.stdout


@pytest.mark.slow
def test_the_example_ends_in_a_student_worth_its_teacher(digits):
    folder, printed = digits
    report = json.loads((folder / "out/report.json").read_text())

    assert report["teacher"]["top1"] > 0.95
    assert report["student"]["top1"] > 0.95
    assert report["teacher"]["parameters"] > 10 * report["student"]["parameters"]
    assert "teacher" in printed
    assert "student" in printed


@pytest.mark.slow
def test_the_readmes_check_finds_the_reported_accuracy(digits):
    folder, _ = digits
    code = block("python", "create_transform")
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr
    found, reported = map(float, result.stdout.split())
    assert found == pytest.approx(reported, abs=1e-9)


def test_the_readmes_job_is_a_specification():
    import yaml

    from kd_core.spec import parse_spec

    spec = parse_spec(yaml.safe_load(block("yaml", "shelf-classifier")))

    assert [term.kind for term in spec.loss] == ["ce", "kd"]


def test_the_readmes_python_runs():
    import torch

    names = {
        "student_logits": torch.randn(4, 5),
        "teacher_logits": torch.randn(4, 5),
        "labels": torch.tensor([0, 1, 2, 3]),
    }
    code = block("python", "kd_core.loss(").split("report =")[0]
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own README

    assert names["value"].ndim == 0
    assert set(names["parts"]) == {"tckd", "nckd"}


def test_the_readmes_error_is_what_the_command_says(tmp_path):
    (tmp_path / "job.yaml").write_text(block("yaml", "epocs"))
    result = subprocess.run(
        [STILL, "distill", "job.yaml", "--out", "out"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 6
    assert result.stderr.strip() == block("", "/recipe/epocs").strip()
