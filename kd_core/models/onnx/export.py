"""From a torch network to an ONNX graph that takes any number of images."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import nn

OPSET = 20
MOST_IMAGES = 65_536


def exported(network: nn.Module, image_size: int) -> ModelProto:
    """The network in evaluation mode, as a graph from float32 [B, 3, S, S] to [B, C]."""
    plain = copy.deepcopy(network).cpu().to(memory_format=torch.contiguous_format).eval()
    images = torch.zeros(2, 3, image_size, image_size)
    any_number = torch.export.Dim("batch", min=1, max=MOST_IMAGES)
    with warnings.catch_warnings():
        # Of what the exporter is built from: nobody who trains a student can act on it.
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            plain,
            (images,),
            dynamo=True,
            dynamic_shapes=({0: any_number},),
            opset_version=OPSET,
            input_names=["images"],
            output_names=["logits"],
            verbose=False,
        )
    if program is None:
        raise RuntimeError("the exporter made no graph")
    return program.model_proto
