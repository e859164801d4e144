"""The teachers that a specification brings: their weights, and what is known of their classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.class_order import Classes, miscounted, nameless
from kd_core.errors import ModelInvalid, Problem
from kd_core.model_card import WEIGHTS, Card
from kd_core.models.build import Plan
from kd_core.models.weights import Weights, classes_in
from kd_core.spec.models import AnyTeacher, Network
from kd_core.spec.sources import FILE

if TYPE_CHECKING:
    from kd_core.attempt import Attempt


@dataclass(frozen=True)
class Brought:
    """A teacher's checkpoint, read; `pointer` is to its section."""

    pointer: str
    section: AnyTeacher
    network: Network
    weights: Weights
    class_names: tuple[str, ...] | None
    card: Card | None = None
    """Of a folder for timm."""

    @property
    def name(self) -> str:
        return self.pointer.strip("/").replace("/", ".")

    @property
    def digests(self) -> dict[str, str]:
        """Of the files that it was read from."""
        config = {} if self.card is None else {f"{self.name}.config": self.card.sha256}
        return {self.name: self.weights.sha256, **config}

    @property
    def file(self) -> str:
        return (self.section.checkpoint or "").removeprefix(FILE)

    def plan(self, classes: int, image_size: int) -> Plan:
        return Plan.of(self.network, classes, image_size)

    @property
    def classes(self) -> int | None:
        """How many it tells apart: the rows of its last layer, or its names."""
        found = classes_in(self.weights, self.plan(1, 1).classifier)
        return found or (None if self.class_names is None else len(self.class_names))

    def matched(self, names: tuple[str, ...] | None) -> Classes | None:
        """Its classes beside those of the data; None where one side has no names."""
        if self.section.class_map is not None and None in (names, self.class_names):
            raise _refused(nameless("data" if names is None else "teacher", self.pointer))
        if names is None or self.class_names is None:
            return None
        return Classes(names, self.class_names, self.section.class_map, self.pointer)


def read(attempt: Attempt, pointer: str, section: AnyTeacher) -> Brought | None:
    """What the section's checkpoint holds; nothing for a teacher that is yet to be trained."""
    if section.checkpoint is None:
        return None
    where = f"{pointer}/checkpoint"
    folder = attempt.path(section.checkpoint)
    if folder.is_dir():
        card = Card.read(folder, where)
        network = card.network(section, pointer)
        weights = attempt.read_weights(f"{section.checkpoint}/{WEIGHTS}", where)
        names = section.class_names or card.class_names
        found = Brought(pointer, section, network, weights, names, card)
    else:
        network, names = named(section, pointer), section.class_names
        weights = attempt.read_weights(section.checkpoint, where)
        found = Brought(pointer, section, network, weights, names)
    _check_names(found)
    return found


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
