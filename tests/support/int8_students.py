"""A network of a few weights, and what it takes to ship it in int8."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from kd_core.data.dataset import Samples
from kd_core.exports.proof import Trial
from kd_core.exports.student import Student
from kd_core.exports.workshop import Workshop
from kd_core.models.build import Plan
from tests.support.small_runs import SIDE, stripes

PLAN = Plan("home_made", 2, SIDE, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), {}, None)


def student(*layers: nn.Module) -> Student:
    torch.manual_seed(0)
    network = (
        nn.Sequential(*layers)
        if layers
        else nn.Sequential(
            nn.Conv2d(3, 8, 3),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, stride=2),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8, 2),
        )
    )
    return Student(network.eval().requires_grad_(requires_grad=False), PLAN, ("across", "down"))


def workshop(
    shipped: Student,
    folder: Path,
    *,
    training_images: np.ndarray | None = None,
    labelled: bool = True,
    between: Callable[[], None] = lambda: None,
) -> Workshop:
    images, labels = stripes(60, seed=1)
    names = tuple(f"images[{place}]" for place in range(len(images)))
    held_out = Samples(images, labels if labelled else None, names, np.arange(len(images)))
    trial = Trial(shipped, held_out, threads=1, batch_size=32, between=between)
    known = stripes(20)[0] if training_images is None else training_images
    return Workshop(shipped, trial, torch.from_numpy(known), 1, folder / "notes")
