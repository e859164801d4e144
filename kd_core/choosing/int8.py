"""A teacher in int8: made of the run's own images, kept in its folder, found again by a resume."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.choosing.decision import key
from kd_core.errors import WorkdirInvalid
from kd_core.files import write_atomically
from kd_core.models.build import first_line
from kd_core.models.onnx.network import OnnxNetwork
from kd_core.training.on_device import images_on

if TYPE_CHECKING:
    from pathlib import Path

    from onnx import ModelProto
    from torch import Tensor

    from kd_core.attempt import Attempt
    from kd_core.choosing.held_against import HeldAgainst
    from kd_core.models.precision import Fidelity
    from kd_core.models.teacher import Teacher


@dataclass(frozen=True)
class Made:
    found: Fidelity
    graph: bytes


def make(held: HeldAgainst) -> Made | str:
    """The best graph of a few; the teacher answers by it. Where none can be made, the reason."""
    # The exporter and onnxruntime take seconds to import, and most runs need neither.
    from kd_core.models.onnx.quantising import UNQUANTISABLE

    try:
        tried = [_tried(held, graph) for graph in _graphs(held)]
    except UNQUANTISABLE as error:
        return f"the network cannot be quantised: {first_line(error)}"
    best = min(tried, key=lambda made: (not held.holds(made.found), made.found.divergence))
    use(held.attempt, held.teacher, best.graph)
    return best


def keep(attempt: Attempt, teacher: Teacher, graph: bytes) -> None:
    """In the run's folder, with its digest in run.json: another graph would have other bits."""
    path = _place(attempt, teacher)
    path.parent.mkdir(exist_ok=True)
    attempt.folder.choose({key(teacher, "int8"): write_atomically(path, graph)})


def find_again(attempt: Attempt, teacher: Teacher) -> None:
    """Answer by the very file that the first attempt kept."""
    path = _place(attempt, teacher)
    graph = path.read_bytes() if path.is_file() else b""
    if _digest(graph) != attempt.chosen.get(key(teacher, "int8")):
        raise WorkdirInvalid(
            f"the graph that {teacher.name} answers by in int8 is gone or changed",
            hint="put the file back, or start again in another folder",
            file=str(path),
            code="workdir_damaged",
        )
    use(attempt, teacher, graph)


def use(attempt: Attempt, teacher: Teacher, graph: bytes) -> None:
    from kd_core.models.onnx.session import open_session

    network = OnnxNetwork(open_session(graph, attempt.threads), len(graph))
    teacher.use_int8(network, _digest(graph))


def _place(attempt: Attempt, teacher: Teacher) -> Path:
    return attempt.folder.int8 / f"{teacher.name}.onnx"


def _digest(graph: bytes) -> str:
    return hashlib.sha256(graph).hexdigest()


def _graphs(held: HeldAgainst) -> Iterator[bytes]:
    from kd_core.models.onnx import calibration
    from kd_core.models.onnx.export import exported

    teacher = held.teacher
    graph = exported(teacher.network, teacher.plan.image_size)
    images = images_on("cpu", held.dataset.train.images)
    return graphs(graph, calibration.inputs(images, teacher.plan), held.attempt.threads)


def graphs(graph: ModelProto, inputs: Iterator[Tensor], threads: int) -> Iterator[bytes]:
    """A few in int8. Attention only holds where nothing but products is."""
    from kd_core.models.onnx import calibration
    from kd_core.models.onnx.quantising import Int8Recipe, Quantiser

    seen = calibration.seen(graph, inputs, threads)
    quantiser = Quantiser(graph, {"usual": seen.usual(), "widest": seen.widest()})
    for ranges, operators in (("usual", "all"), ("widest", "all"), ("widest", "products")):
        made = quantiser.in_int8(Int8Recipe(ranges, operators))
        yield made.SerializeToString(deterministic=True)


def _tried(held: HeldAgainst, graph: bytes) -> Made:
    use(held.attempt, held.teacher, graph)
    return Made(held.fidelity(), graph)
