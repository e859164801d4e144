"""A learner small enough to train in milliseconds: two layers, dropout, batch statistics."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from kd_core.data.dataset import Samples
from kd_core.losses.catalog import TERMS
from kd_core.models.build import Plan
from kd_core.models.teacher import Lesson, Teacher
from kd_core.objective import Objective
from kd_core.spec import Recipe
from kd_core.training.batches import Batches
from kd_core.training.checkpoints import CheckpointFolder
from kd_core.training.evaluation import answers
from kd_core.training.steps import Learner
from kd_core.training.surroundings import Surroundings
from kd_core.training.trainer import Trainer
from kd_core.training.trial import Trial
from tests.support.small_runs import stripes

SIDE = 8
TRIAL = Trial("training", seed=0)
PLAN = Plan("toy", 2, SIDE, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), {}, None)


class TickingClock:
    """Every look at the clock takes a tenth of a second."""

    def __init__(self):
        self.seconds = 0.0

    def now(self):
        raise AssertionError("the trainer has no business with the hour")

    def monotonic(self):
        self.seconds += 0.1
        return self.seconds


def network(seed=0):
    """Dropout draws random numbers, batch normalisation keeps statistics: both must resume."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(4 * (SIDE - 2) ** 2, 2),
    )


def samples(count=14, seed=0):
    images, labels = stripes(count, SIDE, seed)
    names = tuple(f"images[{row}]" for row in range(count))
    return Samples(images=images, labels=labels, names=names, index=np.arange(count))


def batches(count=14, batch_size=4, seed=0):
    return Batches(samples(count, seed), batch_size, "cpu")


def recipe(**changes):
    given = {
        "epochs": 3,
        "batch_size": 4,
        "optimizer": {"kind": "sgd", "lr": 0.05},
        "ema": 0.9,
        "clip": 1.0,
        "checkpoint_every_s": 0,
    }
    return Recipe.model_validate(given | changes)


def objective(*terms):
    kinds = terms or ({"kind": "ce"}, {"kind": "kd"})
    return Objective(TERMS[term["kind"]].model_validate(term) for term in kinds)


def lesson():
    teacher = Teacher(network(seed=7), PLAN, "digest")
    return Lesson(teacher, answers(teacher.network, PLAN, batches(6, seed=1)))


def learner(*terms, **changes):
    return Learner(network(), PLAN, objective(*terms), recipe(**changes), lesson())


def trainer(folder, made=None, *, events=None, should_stop=lambda: False, trial=TRIAL):
    seen = [] if events is None else events
    return Trainer(
        made or learner(),
        train=batches(),
        validation=batches(6, seed=1),
        checkpoints=CheckpointFolder(folder),
        trial=trial,
        surroundings=Surroundings(seen.append, TickingClock(), should_stop),
    )
