"""From float32 to int8: several ways to do it, each a graph to be held against the network."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnx.checker
from onnxruntime.quantization import (
    CalibrationMethod,
    QDQQuantizer,
    QuantType,
    TensorsData,
    quant_pre_process,
)
from onnxruntime.quantization.registry import QDQRegistry, QLinearOpsRegistry

from kd_core.models.build import UNFIT
from kd_core.models.onnx.calibration import seen
from kd_core.models.onnx.session import REFUSALS

if TYPE_CHECKING:
    from onnx import ModelProto
    from torch import Tensor

Ranges = Mapping[str, tuple[float, float]]
PRODUCTS = ("Conv", "Gemm", "MatMul")
EVERYTHING = tuple(sorted({*QDQRegistry, *QLinearOpsRegistry}))
# What torch's exporter and onnxruntime raise over a network that they cannot take.
UNQUANTISABLE = (
    *UNFIT,
    *REFUSALS,
    onnx.checker.ValidationError,
    KeyError,
    AttributeError,
    ImportError,
)


def quantised(
    graph: ModelProto, batches: Iterator[Tensor], threads: int, scratch: Path
) -> Iterator[bytes]:
    """The graph in int8, calibrated on batches of inputs [B, 3, S, S], in one way after another.

    The first and the last product stay in float32: they are a hundredth of the work, and most of
    the answers that change, change there. Attention only holds where nothing but products is int8.
    """
    with _root_logger_as_it_is():
        graph = _prepared(graph, scratch)
        extremes = seen(graph, batches, threads)
        for ranges, operators in (
            (extremes.usual(), EVERYTHING),
            (extremes.widest(), EVERYTHING),
            (extremes.widest(), PRODUCTS),
        ):
            yield _in_int8(graph, ranges, operators)


def _prepared(graph: ModelProto, scratch: Path) -> ModelProto:
    """With batch statistics folded into the weights, and the shape of every tensor known."""
    with TemporaryDirectory(dir=scratch) as room:
        plain, prepared = Path(room) / "plain.onnx", Path(room) / "prepared.onnx"
        onnx.save(graph, plain)
        # Symbolic shapes are inferred by another way, which fails on what torch exports.
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        return onnx.load(prepared)


def _in_int8(graph: ModelProto, ranges: Ranges, operators: tuple[str, ...]) -> bytes:
    copy = onnx.ModelProto()
    copy.CopyFrom(graph)
    products = [node.name for node in copy.graph.node if node.op_type in PRODUCTS]
    quantiser = QDQQuantizer(
        copy,
        per_channel=True,
        reduce_range=False,
        weight_qType=QuantType.QInt8,
        activation_qType=QuantType.QUInt8,
        tensors_range=_as_tensors_data(ranges),
        nodes_to_quantize=[],
        nodes_to_exclude=[products[0], products[-1]],
        op_types_to_quantize=list(operators),
        extra_options={},
    )
    quantiser.quantize_model()
    serialised: bytes = quantiser.model.model.SerializeToString(deterministic=True)
    return serialised


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
