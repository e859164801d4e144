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
    """The network in evaluation mode, as a graph from float32 [B, 3, S, S] to [B, C]. Batch
    statistics are folded into the weights, and every tensor has a type.
    """
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
    graph: ModelProto = program.model_proto
    _forget_its_making(graph)
    return graph


def _forget_its_making(model: ModelProto) -> None:
    """The exporter notes for each node where in our code, on our disk, it came from."""
    graph = model.graph
    graph.ClearField("metadata_props")
    for part in (graph.node, graph.input, graph.output, graph.value_info, graph.initializer):
        for one in part:
            one.ClearField("metadata_props")
            one.ClearField("doc_string")
