"""The learning rate over a run, and what a recipe's optimiser becomes."""

import pytest
import torch

from kd_core.training.optimizer import learning_rate, make_optimizer
from tests.support import toys


def rates(steps_per_epoch=10, **changes):
    recipe = toys.recipe(optimizer={"kind": "sgd", "lr": 1.0}, **changes)
    steps = range(recipe.epochs * steps_per_epoch)
    return [learning_rate(recipe, step, steps_per_epoch) for step in steps]


def test_cosine_is_torchs_cosine():
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=30)
    expected = []
    for _ in range(30):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()

    assert expected == pytest.approx(rates(schedule={"kind": "cosine"}))


def test_cosine_ends_at_its_final_fraction():
    last = rates(1000, schedule={"kind": "cosine", "final_fraction": 0.1})[-1]

    assert last == pytest.approx(0.1, abs=1e-4)


def test_a_line_falls_evenly_to_its_final_fraction():
    found = rates(schedule={"kind": "linear", "final_fraction": 0.4})

    assert found == pytest.approx([1 - 0.6 * step / 30 for step in range(30)])


def test_a_line_to_the_whole_of_it_is_constant():
    schedule = {"kind": "linear", "warmup_epochs": 1, "final_fraction": 1.0}

    assert {1.0} == set(rates(schedule=schedule)[10:])


def test_steps_fall_after_their_milestones():
    found = rates(schedule={"kind": "step", "milestones": [1, 2], "gamma": 0.5})

    assert [1.0] * 10 + [0.5] * 10 + [0.25] * 10 == found


@pytest.mark.parametrize("kind", ["cosine", "linear", "step"])
def test_the_warm_up_climbs_in_a_straight_line(kind):
    schedule = {"kind": kind, "warmup_epochs": 1} | ({"milestones": [2]} if kind == "step" else {})

    assert rates(schedule=schedule)[:11] == pytest.approx([s / 10 for s in range(1, 11)] + [1.0])


SHAPES = {
    "cosine": {"kind": "cosine", "warmup_epochs": 1, "final_fraction": 0.1},
    "linear": {"kind": "linear", "warmup_epochs": 1},
    "step": {"kind": "step", "milestones": [1, 2]},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_after_its_own_end_a_schedule_stays_at_its_last_rate(shape):
    alone = rates(epochs=3, schedule=shape)
    longer = rates(epochs=5, schedule={**shape, "epochs": 3})

    assert alone + [alone[-1]] * 20 == longer
    assert longer[-1] > 0


def test_a_schedule_that_is_longer_than_the_run_is_not_run_out():
    shape = SHAPES["cosine"]

    assert rates(epochs=5, schedule=shape)[:30] == rates(epochs=3, schedule={**shape, "epochs": 5})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            {"kind": "sgd", "lr": 0.2, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
            {"lr": 0.2, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
        ),
        (
            {
                "kind": "adamw",
                "lr": 0.2,
                "beta1": 0.5,
                "beta2": 0.6,
                "eps": 0.1,
                "weight_decay": 0.3,
            },
            {"lr": 0.2, "betas": (0.5, 0.6), "eps": 0.1, "weight_decay": 0.3},
        ),
        (
            {
                "kind": "lamb",
                "lr": 0.2,
                "beta1": 0.5,
                "beta2": 0.6,
                "eps": 0.1,
                "weight_decay": 0.3,
            },
            {"lr": 0.2, "betas": (0.5, 0.6), "eps": 0.1, "weight_decay": 0.3},
        ),
    ],
)
def test_every_setting_reaches_the_optimiser(settings, expected):
    recipe = toys.recipe(optimizer=settings)
    group = make_optimizer(recipe.optimizer, toys.network().parameters()).param_groups[0]

    assert expected == {key: group[key] for key in expected}


def first_lamb_step(weight, gradient, *, lr, decay):
    """By hand: bias correction makes the first update the sign of the gradient."""
    update = gradient.sign() + decay * weight
    trust = weight.norm() / update.norm() if decay else 1.0
    return weight - lr * trust * update


def test_lamb_scales_each_weight_by_its_trust_and_leaves_biases_alone():
    layer = torch.nn.Linear(3, 2)
    settings = toys.recipe(optimizer={"kind": "lamb", "lr": 0.1, "weight_decay": 0.3}).optimizer
    optimizer = make_optimizer(settings, layer.parameters())
    before = [at.detach().clone() for at in layer.parameters()]
    layer(torch.ones(4, 3)).square().sum().backward()
    optimizer.step()
    for at, old, decay in zip(layer.parameters(), before, (0.3, 0.0), strict=True):
        expected = first_lamb_step(old, at.grad, lr=0.1, decay=decay)

        torch.testing.assert_close(at.detach(), expected, rtol=1e-4, atol=1e-5)
