"""The teachers that a specification brings: their weights, and what is known of their classes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.class_order import Classes, miscounted, nameless
from kd_core.errors import ModelInvalid, Problem
from kd_core.model_card import WEIGHTS, Card
from kd_core.models.build import Plan
from kd_core.models.weights import Weights, classes_in, load_strictly
from kd_core.spec.models import AnyTeacher, Network
from kd_core.spec.sources import FILE

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    from kd_core.attempt import Attempt
    from kd_core.models.onnx.graph_file import Graph

ONNX = "onnx"
"""What stands for an architecture where the file is the network."""


@dataclass(frozen=True)
class Brought(ABC):
    """A teacher's checkpoint, read; `pointer` is to its section."""

    pointer: str
    section: AnyTeacher
    class_names: tuple[str, ...] | None

    @property
    def name(self) -> str:
        return self.pointer.strip("/").replace("/", ".")

    @property
    @abstractmethod
    def sha256(self) -> str: ...

    @property
    def digests(self) -> dict[str, str]:
        """Of the files that it was read from."""
        return {self.name: self.sha256}

    @property
    def file(self) -> str:
        return (self.section.checkpoint or "").removeprefix(FILE)

    @abstractmethod
    def plan(self, classes: int, image_size: int) -> Plan:
        """`image_size` is the data's, for a teacher that has none of its own."""

    @property
    @abstractmethod
    def classes(self) -> int | None:
        """How many it tells apart."""

    @abstractmethod
    def made(self, plan: Plan) -> nn.Module:
        """The teacher itself, or a refusal that says what does not fit."""

    def matched(self, names: tuple[str, ...] | None) -> Classes | None:
        """Its classes beside those of the data; None where one side has no names."""
        if self.section.class_map is not None and None in (names, self.class_names):
            raise _refused(nameless("data" if names is None else "teacher", self.pointer))
        if names is None or self.class_names is None:
            return None
        return Classes(names, self.class_names, self.section.class_map, self.pointer)


@dataclass(frozen=True)
class BroughtWeights(Brought):
    network: Network
    weights: Weights
    card: Card | None = None
    """Of a folder for timm."""

    @property
    def sha256(self) -> str:
        return self.weights.sha256

    @property
    def digests(self) -> dict[str, str]:
        config = {} if self.card is None else {f"{self.name}.config": self.card.sha256}
        return {**super().digests, **config}

    def plan(self, classes: int, image_size: int) -> Plan:
        return Plan.of(self.network, classes, image_size)

    @property
    def classes(self) -> int | None:
        """The rows of its last layer, or its names."""
        found = classes_in(self.weights, self.plan(1, 1).classifier)
        return found or (None if self.class_names is None else len(self.class_names))

    def made(self, plan: Plan) -> nn.Module:
        return filled(plan, self.weights, self.pointer, self.file)


@dataclass(frozen=True)
class BroughtGraph(Brought):
    """An ONNX file."""

    graph: Graph
    answers: int
    """To an image."""

    @property
    def sha256(self) -> str:
        return self.graph.sha256

    @property
    def classes(self) -> int:
        return self.answers

    def plan(self, classes: int, image_size: int) -> Plan:
        mean, std = self.section.mean, self.section.std
        if mean is None or std is None:
            raise ModelInvalid(
                "nobody says how this graph's images are scaled", pointer=self.pointer
            )
        return Plan(
            architecture=ONNX,
            classes=classes,
            image_size=self.section.image_size or self.graph.side or image_size,
            mean=mean,
            std=std,
            arguments={},
            classifier=None,
        )

    def made(self, plan: Plan) -> nn.Module:
        if plan.classes != self.classes:
            raise ModelInvalid(
                f"the graph answers for {self.classes} classes, and the data has {plan.classes}",
                hint="give a teacher of these classes; or name its classes in class_names, with "
                "class_map: {} where the data has only some of them",
                pointer=f"{self.pointer}/checkpoint",
                file=self.file,
                code="class_count_differs",
            )
        return self.graph.network


def filled(plan: Plan, weights: Weights, pointer: str, file: str) -> nn.Module:
    network = plan.build(f"{pointer}/architecture")
    load_strictly(
        network,
        weights,
        architecture=plan.architecture,
        pointer=f"{pointer}/checkpoint",
        file=file,
        classifier=plan.classifier,
    )
    return network


def read(attempt: Attempt, pointer: str, section: AnyTeacher) -> Brought | None:
    """What the section's checkpoint holds; nothing for a teacher that is yet to be trained."""
    if section.checkpoint is None:
        return None
    where = f"{pointer}/checkpoint"
    folder = attempt.path(section.checkpoint)
    found: Brought
    if section.is_graph:
        found = _read_graph(attempt, pointer, section, folder)
    elif folder.is_dir():
        card = Card.read(folder, where)
        network = card.network(section, pointer)
        weights = attempt.read_weights(f"{section.checkpoint}/{WEIGHTS}", where)
        names = section.class_names or card.class_names
        found = BroughtWeights(pointer, section, names, network, weights, card)
    else:
        network, names = named(section, pointer), section.class_names
        weights = attempt.read_weights(section.checkpoint, where)
        found = BroughtWeights(pointer, section, names, network, weights)
    _check_names(found)
    return found


def _read_graph(attempt: Attempt, pointer: str, section: AnyTeacher, path: Path) -> BroughtGraph:
    # onnx and onnxruntime take seconds to import, and most runs need neither.
    from kd_core.models.onnx.graph_file import open_graph

    graph = open_graph(path, pointer=f"{pointer}/checkpoint", threads=attempt.threads)
    size = graph.image_size(section.image_size, attempt.spec.data.image_size, pointer)
    return BroughtGraph(pointer, section, section.class_names, graph, graph.classes(size))


def _check_names(brought: Brought) -> None:
    names = brought.class_names
    problem = None if names is None else miscounted(names, brought.classes, brought.pointer)
    if problem is not None:
        raise _refused(problem)


def _refused(problem: Problem) -> ModelInvalid:
    return ModelInvalid(
        problem.message, hint=problem.hint, pointer=problem.pointer, code=problem.code
    )


def named(section: AnyTeacher, pointer: str) -> Network:
    """The network that the section alone describes."""
    if section.architecture is None:
        raise ModelInvalid(
            "weights do not tell which architecture they are of",
            hint="name it, or give the folder that holds them with a config.json",
            pointer=f"{pointer}/architecture",
            code="missing_key",
        )
    return Network(
        architecture=section.architecture,
        mean=section.mean,
        std=section.std,
        image_size=section.image_size,
    )
