"""Artifacts at work: pixels in, logits out, whatever runs the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kd_core.errors import ModelInvalid
from kd_core.exports import program
from kd_core.model_card import Card
from kd_core.prediction.run_folder import RunFolder, Shipped

Array = Any  # numpy is imported by what runs the file


@dataclass(frozen=True)
class Predictor:
    side: int
    class_names: tuple[str, ...]
    """Empty where the data had no names."""
    logits: Callable[[Array], Array]
    """uint8 [B, S, S, 3] -> float32 [B, C]"""


def load(folder: RunFolder, shipped: Shipped, threads: int) -> Predictor:
    """An .onnx file needs numpy and onnxruntime, and no torch."""
    file, *_ = folder.files(shipped)
    if file.suffix == ".safetensors":
        return _of_timm(file.parent, threads)
    read = program.by_onnxruntime if file.suffix == ".onnx" else program.by_torch
    loaded = read(str(file), threads)
    names = tuple(json.loads(loaded.known["class_names"]))
    return Predictor(loaded.side, names, lambda pixels: loaded.run(loaded.prepare(pixels)))


def _of_timm(folder: Path, threads: int) -> Predictor:
    import torch

    from kd_core.packaging import timm_folder

    card = Card.read(folder, "")
    if card.mean is None or card.std is None or card.image_size is None:
        raise ModelInvalid(
            "the file does not say how images are scaled",
            hint="pull it again, or unpack the bundle again",
            file=str(folder),
            code="config_unreadable",
        )
    torch.set_num_threads(threads)
    network = timm_folder.load(folder)
    known = {"mean": json.dumps(card.mean), "std": json.dumps(card.std)}

    def logits(pixels: Array) -> Array:
        with torch.no_grad():
            answer: torch.Tensor = network(torch.from_numpy(program.scaled(pixels, known)))
        return answer.numpy()

    return Predictor(card.image_size, card.class_names or (), logits)
