"""Every preset that is shipped works, and says where it is from."""

from __future__ import annotations

import pytest
import torch

from kd_core.errors import SpecInvalid
from kd_core.losses.declaration import DistillBatch
from kd_core.objective import Objective
from kd_core.spec import parse_spec
from kd_core.spec.presets import presets
from tests.support.loss_subject import random_batch


def document(loss):
    teacher = {"architecture": "resnet18", "checkpoint": "file:teacher.safetensors"}
    return {
        "teacher": teacher,
        "student": {"architecture": "resnet18"},
        "data": {"dataset": "file:images.npz"},
        "loss": loss,
    }


@pytest.mark.parametrize("name", presets("loss"))
def test_a_preset_of_a_loss_is_a_sum_that_trains(name):
    found = presets("loss")[name]
    spec = parse_spec(document({"preset": name}))
    batch = random_batch(seed=0, samples=8, classes=100)
    objective = Objective(spec.loss)
    objective.check(100)
    values = torch.stack([*objective.of(DistillBatch(**batch.inputs), epoch=1).values()])

    assert len(found.terms) == len(spec.loss)
    assert bool(values.isfinite().all())
    assert len(found.about) > 10
    assert len(found.source) > 10


@pytest.mark.parametrize("name", presets("recipe"))
def test_a_preset_of_a_recipe_is_a_recipe(name):
    spec = parse_spec(document("ce") | {"recipe": {"preset": name}})

    assert spec.recipe.preset == name
    assert presets("recipe")[name].source


@pytest.mark.parametrize(
    ("loss", "pointer", "words"),
    [
        ({"preset": "kd-cifar10"}, "/loss/preset", "did you mean kd-cifar100"),
        ({"preset": 3}, "/loss/preset", "there is no loss preset 3"),
        ({"preset": "kd-cifar100", "weight": 1.0}, "/loss", "write its terms out"),
    ],
)
def test_a_wrong_preset_is_refused_with_the_way_out(loss, pointer, words):
    with pytest.raises(SpecInvalid) as caught:
        parse_spec(document(loss))

    assert [problem.pointer for problem in caught.value.problems] == [pointer]
    assert words in str(caught.value)
