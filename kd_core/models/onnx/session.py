"""How onnxruntime is asked to run a graph: on the CPU, the same bits each time, nothing loaded."""

from __future__ import annotations

import onnxruntime
import onnxruntime.capi.onnxruntime_pybind11_state as said

# What onnxruntime raises has no root but Exception.
REFUSALS = (
    said.EPFail,
    said.EngineError,
    said.Fail,
    said.InvalidArgument,
    said.InvalidGraph,
    said.InvalidProtobuf,
    said.NoModel,
    said.NoSuchFile,
    said.NotFound,
    said.NotImplemented,
    said.RuntimeException,
    RuntimeError,
    ValueError,
)
SILENT = 4  # what goes wrong is raised; a graph of a stranger writes nothing to stderr


def open_session(graph: bytes, threads: int) -> onnxruntime.InferenceSession:
    """A session of a serialised graph.

    No library of operators is registered, so a graph can do no more than compute; nor may it
    bring options of its own, or settle for another provider than this one.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.use_deterministic_compute = True
    options.log_severity_level = SILENT
    # Threads that wait by spinning take the cores from the student's, step after step.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(
        graph,
        options,
        providers=["CPUExecutionProvider"],
        enable_fallback=0,
        read_config_from_model=0,
    )
