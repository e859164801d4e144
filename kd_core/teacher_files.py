"""The teachers that a specification brings: their weights, and what is known of their classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.class_order import Classes
from kd_core.errors import ModelInvalid
from kd_core.events import Warned
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

    def columns(self, names: tuple[str, ...] | None) -> tuple[int, ...] | None:
        """Its column for each class of the data; None where they are the same in the same order."""
        if self.section.class_map is not None:
            self._refuse_nameless(names)
        if names is None or self.class_names is None:
            return None
        classes = Classes(names, self.class_names, self.section.class_map, self.pointer)
        found = classes.columns
        return None if found == tuple(range(len(self.class_names))) else found

    def said(self, names: tuple[str, ...] | None) -> Warned | None:
        """What a reader should know of how its classes were found."""
        if names is None or self.class_names is None:
            return None
        classes = Classes(names, self.class_names, self.section.class_map, self.pointer)
        which = self.name
        if self.section.class_map is None and classes.are_only_counted:
            return Warned(
                code="classes_by_place",
                message=f"{which}: only one of data and teacher names its classes: they are taken "
                "in the order in which they stand",
                hint="data.class_names, or class_map beside the teacher, says which is which",
            )
        if self.columns(names) is None:
            return None
        left_out = len(self.class_names) - len(names)
        more = f"; {left_out} that only the teacher has are left out" if left_out else ""
        return Warned(
            code="classes_reordered",
            message=f"{which}: the teacher has its classes in another order than the data; its "
            f"answers are put into the data's, by name{more}",
        )

    def _refuse_nameless(self, names: tuple[str, ...] | None) -> None:
        for known, whose, key in (
            (names, "data", "data.class_names"),
            (self.class_names, "teacher", "class_names, beside class_map"),
        ):
            if known is None:
                raise ModelInvalid(
                    f"class_map goes by names, and those of the {whose}'s classes are not known",
                    hint=f"list them, in their order, in {key}",
                    pointer=f"{self.pointer}/class_map",
                    code="classes_unnamed",
                )


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
    named = len(brought.class_names or ())
    if named and named != brought.classes:
        raise ModelInvalid(
            f"the checkpoint has {brought.classes} classes, and there are {named} names for them",
            hint="give one name for each, in the order of its answers",
            pointer=f"{brought.pointer}/class_names",
            code="class_count_differs",
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
