"""Adding a loss is adding one file: a copy of the project, a new file in it, nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kd_core.losses.catalog import LOSSES
from kd_core.losses.declaration import DECLARED, distill_loss
from tests.support.new_loss import BRIER, ROOT, copied, drop_brier

PROBE = """
import json

import kd_core
from kd_core.errors import SpecInvalid
from kd_core.losses.catalog import LOSSES
from kd_core.spec import DistillSpec, parse_spec


def document(loss):
    teacher = {"architecture": "resnet18", "checkpoint": "file:teacher.safetensors"}
    return {
        "teacher": teacher,
        "student": {"architecture": "resnet18"},
        "data": {"dataset": "digits"},
        "loss": loss,
    }


def refused(loss):
    try:
        parse_spec(document(loss))
    except SpecInvalid as error:
        return [[problem.pointer, problem.message, problem.hint] for problem in error.problems]
    return []


import sys
found = {
    "kd_core": kd_core.__file__,
    "kinds": list(LOSSES),
    "schema": DistillSpec.model_json_schema(),
    "wrong_type": refused([{"kind": "brier", "temperature": "x"}]),
    "misspelt": refused([{"kind": "brier", "temprature": 2.0}]),
    "bare": parse_spec(document("brier")).resolved()["loss"],
    "torch_free": "torch" not in sys.modules,
}

import torch

logits = torch.tensor([[4.0, 0.0]])
found["same"] = float(kd_core.loss("brier")(logits, logits))
found["apart"] = float(kd_core.loss("brier", weight=3.0)(logits, -logits))
print(json.dumps(found))
"""


def run(copy, *arguments):
    """Python in the copy, with the copy's packages before the installed ones."""
    environment = {**os.environ, "PYTHONPATH": str(copy), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def copied_to(place):
    for name in ("kd_core", "tests/property", "tests/support"):
        copied(name, place)
    for name in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / name, place / name)
    return place


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The science and its law tests, with one file more."""
    place = copied_to(tmp_path_factory.mktemp("project"))
    drop_brier(place)
    return place


@pytest.fixture(scope="module")
def seen(copy):
    """What a user of the copy sees of the new loss."""
    probe = run(copy, "-c", PROBE)

    assert probe.returncode == 0, probe.stderr
    return json.loads(probe.stdout)


def test_the_copy_is_what_is_tried(copy, seen):
    assert Path(seen["kd_core"]).is_relative_to(copy)


def test_a_new_file_is_in_the_catalogue(seen):
    assert "brier" in seen["kinds"]


def test_declaring_it_brings_no_torch(seen):
    assert seen["torch_free"]


def test_a_new_loss_is_in_the_schema_of_the_specification(seen):
    of_brier = [
        model
        for model in seen["schema"]["$defs"].values()
        if model.get("properties", {}).get("kind", {}).get("const") == "brier"
    ]
    (properties,) = [model["properties"] for model in of_brier]

    assert {"temperature", "gap"} < set(properties)
    assert {"kind", "weight", "warmup_epochs", "decay"} < set(properties)
    assert properties["gap"]["enum"] == ["squared", "absolute"]
    assert properties["temperature"]["maximum"] == 1000


def test_its_wrong_parameters_are_refused_at_their_place(seen):
    ((pointer, message, _),) = seen["wrong_type"]

    assert pointer == "/loss/0/temperature"
    assert message == "must be a number; got 'x'"


def test_its_misspelt_parameters_are_refused_with_the_name_that_was_meant(seen):
    ((pointer, message, hint),) = seen["misspelt"]

    assert pointer == "/loss/0/temprature"
    assert message == "there is no key 'temprature'"
    assert hint.startswith("did you mean temperature?")


def test_its_bare_name_is_a_sum_with_every_default_written_out(seen):
    assert [(term["kind"], term["weight"]) for term in seen["bare"]] == [
        ("ce", 0.5),
        ("brier", 0.5),
    ]
    assert (seen["bare"][1]["temperature"], seen["bare"][1]["gap"]) == (2.0, "squared")


def test_it_can_be_called_from_a_notebook(seen):
    high = 1 / (1 + 2.718281828459045**-2)

    assert seen["same"] == 0.0
    assert seen["apart"] == pytest.approx(3 * (2 * high - 1) ** 2, rel=1e-6)


def test_the_law_tests_hold_it_to_every_law(copy):
    arguments = ("-q", "-k", "brier", "-p", "no:cacheprovider")
    tests = run(copy, "-m", "pytest", "tests/property/test_loss_laws.py", *arguments)
    passed = re.search(r"(\d+) passed", tests.stdout)

    assert tests.returncode == 0, tests.stdout
    assert passed is not None
    assert int(passed[1]) > 40


def test_a_second_loss_of_the_same_name_stops_the_import(tmp_path):
    copy = copied_to(tmp_path)
    again = BRIER.replace('"brier"', '"kd"')
    (copy / "kd_core/losses/zz_again.py").write_text(again, encoding="utf-8")
    imported = run(copy, "-c", "import kd_core.losses.catalog")

    assert imported.returncode == 1
    assert "the loss 'kd' is declared twice" in imported.stderr


def test_the_first_declaration_stands_when_a_second_is_refused():
    kd = LOSSES["kd"]
    again = distill_loss(
        "kd", params=kd.params, needs=kd.needs, family="", paper="", source="", about=kd.about
    )

    with pytest.raises(ValueError, match="the loss 'kd' is declared twice"):
        again(kd.function)
    assert DECLARED["kd"] is kd
