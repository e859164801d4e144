"""A folder that timm loads: `timm.create_model("local-dir:FOLDER", pretrained=True)`.

Timm alone does not know the networks of `kd_core.models.cifar`; the configuration of such a
student says that the package is to be imported first.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import safetensors.torch
import timm
from timm.models._hub import save_config_for_hf  # timm exports only the one that saves both

from kd_core.files import folder_in_one_move, sha256_of
from kd_core.model_card import CONFIG, WEIGHTS
from kd_core.models import cifar
from kd_core.models.measure import standalone_weights

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from kd_core.models.build import Plan

# What timm knows of the weights it would have downloaded; ours were trained here.
OF_OTHER_WEIGHTS = (
    "tag",
    "license",
    "description",
    "origin_url",
    "paper_name",
    "paper_ids",
    "notes",
)


def save(network: nn.Module, plan: Plan, class_names: tuple[str, ...], folder: Path) -> None:
    """Write config.json and model.safetensors in one move.

    The configuration carries the preprocessing, so that timm's own evaluation transform makes
    the pixels that the network was trained on.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_in_one_move(folder) as partial:
        # Our own copy of the weights: timm's refuses networks that share one inside. Written by us:
        # the library's own writer says nothing of a full disk that a program could understand.
        weights = safetensors.torch.save(standalone_weights(network), metadata={"format": "pt"})
        (partial / WEIGHTS).write_bytes(weights)
        save_config_for_hf(
            network,
            str(partial / CONFIG),
            model_config={"label_names": list(class_names), **_requirement(plan.architecture)},
            model_args=dict(plan.arguments),
            data_config={
                "input_size": (3, plan.image_size, plan.image_size),
                "mean": plan.mean,
                "std": plan.std,
                "interpolation": "bicubic",
                "crop_pct": 1.0,
                "crop_mode": "center",
            },
        )
        _forget_other_weights(partial / CONFIG)


def is_whole(folder: Path) -> bool:
    return (folder / WEIGHTS).is_file() and (folder / CONFIG).is_file()


def load(folder: Path) -> nn.Module:
    """The network as anybody else would load it."""
    network: nn.Module = timm.create_model(f"local-dir:{folder}", pretrained=True)
    return network.eval().requires_grad_(requires_grad=False)


def digest(folder: Path) -> str:
    return sha256_of(folder / WEIGHTS)


def size_bytes(folder: Path) -> int:
    return (folder / WEIGHTS).stat().st_size


def _requirement(architecture: str) -> dict[str, str]:
    """What whoever loads the folder must know, where timm alone is not enough."""
    if architecture not in cifar.__all__:
        return {}
    return {
        "requires": f"import {cifar.__name__} before timm.create_model: {architecture} is there"
    }


def _forget_other_weights(path: Path) -> None:
    config = json.loads(path.read_bytes())
    for key in OF_OTHER_WEIGHTS:
        config["pretrained_cfg"].pop(key, None)
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
