"""A tiny network that knows the digits, trained in seconds, and what can be done to its weights."""

from __future__ import annotations

from pathlib import Path

import safetensors.torch
import torch

import kd_core

ARCHITECTURE = "test_resnet"
CLASSIFIER = "fc"
FRESH = 1 / 96**0.5  # of a linear layer of 96 features, as torch makes it


def taught(folder: Path, epochs: int = 6) -> Path:
    """Weights of a network that saw values from -1 to 1; with six epochs it is right on 97 %."""
    kd_core.distill(
        {
            "student": {"architecture": ARCHITECTURE},
            "data": {"dataset": "digits"},
            "loss": "ce",
            "recipe": {
                "epochs": epochs,
                "batch_size": 64,
                "optimizer": {"kind": "sgd", "lr": 0.05},
            },
            "resources": {"device": "cpu", "threads": 1},
        },
        folder,
    )
    return folder / "artifacts/safetensors/model.safetensors"


def with_fresh_classifier(weights: Path, to: Path, seed: int = 0) -> Path:
    state = safetensors.torch.load_file(weights)
    draw = torch.Generator().manual_seed(seed)
    for part in ("weight", "bias"):
        shape = state[f"{CLASSIFIER}.{part}"].shape
        state[f"{CLASSIFIER}.{part}"] = FRESH * (2 * torch.rand(shape, generator=draw) - 1)
    safetensors.torch.save_file(state, to)
    return to


def with_classes_in_order(weights: Path, to: Path, order: list[int]) -> Path:
    """The class k of the data is the one that the network knew as order[k]."""
    state = safetensors.torch.load_file(weights)
    for part in ("weight", "bias"):
        state[f"{CLASSIFIER}.{part}"] = state[f"{CLASSIFIER}.{part}"][order].contiguous()
    safetensors.torch.save_file(state, to)
    return to


def job(weights: Path, **teacher: object) -> dict[str, object]:
    """A specification with this teacher; its student is trained for one short epoch."""
    return {
        "teacher": {"architecture": ARCHITECTURE, "checkpoint": f"file:{weights}", **teacher},
        "student": {"architecture": "test_efficientnet"},
        "data": {"dataset": "digits"},
        "loss": "kd",
        "recipe": {"epochs": 1, "batch_size": 256},
        "resources": {"device": "cpu", "threads": 1},
    }
