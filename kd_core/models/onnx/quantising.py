"""From float32 to int8 by one recipe or another, each a graph to be held against the network."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnx.checker
from onnxruntime.quantization import CalibrationMethod, QDQQuantizer, QuantType, TensorsData
from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry

from kd_core.models.build import UNFIT
from kd_core.models.onnx.session import REFUSALS

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    from kd_core.models.onnx.calibration import Ranges

# What torch's exporter and onnxruntime raise over a network that they cannot take.
UNQUANTISABLE = (
    *UNFIT,
    *REFUSALS,
    onnx.checker.ValidationError,
    KeyError,
    AttributeError,
    ImportError,
)
PRODUCTS = ("Conv", "Gemm", "MatMul")
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "all": tuple(sorted({*QDQRegistry, *QLinearOpsRegistry})),
    "products": PRODUCTS,
    "weights": PRODUCTS,
}
"""What becomes int8: everything that can, products alone, or those that have weights; then two
activations are never multiplied in int8, as attention does."""
ENDS = 2


@dataclass(frozen=True)
class Int8Recipe:
    calibration: str
    """By which of the ranges that are known."""
    operators: str
    """Of OPERATORS."""
    per_channel: bool = True
    """Whether each output channel of a product has a scale of its own."""
    ends_in_float: bool = True
    """Whether the first and the last product stay in float32: they are a hundredth of the work, and
    most of the answers that change, change there."""


class Quantiser:
    """A graph, and between which values its tensors lie: by several calibrations."""

    def __init__(self, graph: ModelProto, calibrated: Mapping[str, Ranges]) -> None:
        self._graph = graph
        self._calibrated = calibrated

    def in_int8(self, recipe: Int8Recipe) -> ModelProto:
        """A new graph, with its weights in int8 and what is measured of it beside each operator."""
        copy = onnx.ModelProto()
        copy.CopyFrom(self._graph)
        with _root_logger_as_it_is():
            quantiser = QDQQuantizer(
                copy,
                per_channel=recipe.per_channel,
                reduce_range=False,
                weight_qType=QuantType.QInt8,
                activation_qType=QuantType.QUInt8,
                tensors_range=_as_tensors_data(self._calibrated[recipe.calibration]),
                nodes_to_quantize=[],
                nodes_to_exclude=[node.name for node in _left_in_float(copy, recipe)],
                op_types_to_quantize=list(OPERATORS[recipe.operators]),
                extra_options={},
            )
            quantiser.quantize_model()
            quantiser.model.topological_sort()  # onnxruntime does not care, and ONNX does
        quantised: ModelProto = quantiser.model.model
        return quantised


def _left_in_float(graph: ModelProto, recipe: Int8Recipe) -> list[NodeProto]:
    products = [node for node in graph.graph.node if node.op_type in PRODUCTS]
    constants = {tensor.name for tensor in graph.graph.initializer}
    weighted = [node for node in products if not constants.isdisjoint(node.input)]
    if not weighted:
        raise ValueError("it has no convolution and no product with weights")
    if recipe.ends_in_float and len(weighted) <= ENDS:
        raise ValueError("it has no product with weights but the first and the last")
    left = [weighted[0], weighted[-1]] if recipe.ends_in_float else []
    if recipe.operators == "weights":
        left += [node for node in products if constants.isdisjoint(node.input)]
    return left


def _as_tensors_data(ranges: Ranges) -> TensorsData:
    numbers = {
        name: (np.float32(least), np.float32(greatest))
        for name, (least, greatest) in ranges.items()
    }
    return TensorsData(CalibrationMethod.MinMax, numbers)


@contextmanager
def _root_logger_as_it_is() -> Iterator[None]:
    """The quantiser logs by the root logger, which would get itself a handler for that."""
    root, silent = logging.getLogger(), logging.NullHandler()
    root.addHandler(silent)
    try:
        yield
    finally:
        root.removeHandler(silent)
