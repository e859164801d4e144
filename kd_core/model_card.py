"""What a folder for timm says of the network in it: its config.json, read without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import Field, TypeAdapter, ValidationError

from kd_core.errors import ModelInvalid, Problem
from kd_core.problems import shown
from kd_core.spec.models import (
    AnyTeacher,
    Architecture,
    ClassNames,
    DeviationPerChannel,
    ImageSize,
    Network,
    PerChannel,
)

CONFIG, WEIGHTS = "config.json", "model.safetensors"
MAX_BYTES = 32 * 2**20
CLOSE = 1e-4
"""Two spellings of one number: 0.485 and 0.48500001."""


@dataclass(frozen=True)
class Card:
    """A network as its folder describes it. What the folder does not say is None."""

    architecture: str
    mean: tuple[float, float, float] | None
    std: tuple[float, float, float] | None
    image_size: int | None
    classes: int | None
    class_names: tuple[str, ...] | None
    sha256: str
    """Of the config.json."""
    requires: str | None = None
    """What whoever loads it has to do first, where timm alone is not enough."""

    @classmethod
    def read(cls, folder: Path, pointer: str) -> Card:
        path = folder / CONFIG
        try:
            if path.stat().st_size > MAX_BYTES:
                _refuse(f"the file is larger than {MAX_BYTES} bytes", pointer, str(path))
            data = path.read_bytes()
        except OSError as error:
            raise ModelInvalid(
                f"a teacher's folder needs a {CONFIG}: {error.strerror}",
                hint=f"give a folder as `still distill` and timm write it, with {CONFIG} and "
                f"{WEIGHTS}, or name the file with the weights and its architecture",
                pointer=pointer,
                file=str(path),
                code="not_a_timm_folder",
            ) from None
        return cls.parse(data, pointer, str(path))

    @classmethod
    def parse(cls, data: bytes, pointer: str, file: str) -> Card:
        try:
            config: Any = json.loads(data)
        except (ValueError, RecursionError):
            _refuse("the file is not JSON", pointer, file)
        if not isinstance(config, Mapping):
            _refuse("the file does not describe a network", pointer, file)
        scale = config.get("pretrained_cfg")
        scale = scale if isinstance(scale, Mapping) else {}
        size = scale.get("input_size")
        try:
            return cls(
                architecture=ARCHITECTURE.validate_python(config.get("architecture")),
                mean=MEAN.validate_python(scale.get("mean")),
                std=STD.validate_python(scale.get("std")),
                image_size=SIZE.validate_python(size[-1] if isinstance(size, list) else None),
                classes=COUNT.validate_python(config.get("num_classes")),
                class_names=_names(config),
                sha256=hashlib.sha256(data).hexdigest(),
                requires=REQUIRES.validate_python(config.get("requires")),
            )
        except (ValidationError, IndexError) as error:
            reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "no size"
            _refuse(f"the file does not describe a network: {reason}", pointer, file)

    def problems(self, teacher: AnyTeacher, pointer: str) -> Iterator[Problem]:
        """Where the specification says something else."""
        for key in ("architecture", "mean", "std", "image_size", "class_names"):
            said, found = getattr(teacher, key), getattr(self, key)
            if None not in (said, found) and not _same(said, found):
                said, found = (_plain(value) for value in (said, found))
                yield Problem(
                    f"{key}_differs",
                    f"the checkpoint was made with {key} {found}, not {said}",
                    f"leave {key} out: it is taken from the checkpoint",
                    f"{pointer}/{key}",
                )

    def network(self, teacher: AnyTeacher, pointer: str) -> Network:
        """The teacher's network, with what the specification leaves to its checkpoint."""
        if problems := tuple(self.problems(teacher, pointer)):
            error = ModelInvalid(problems[0].message)
            error.problems = problems
            raise error
        return Network(
            architecture=self.architecture,
            mean=teacher.mean or self.mean,
            std=teacher.std or self.std,
            image_size=teacher.image_size or self.image_size,
        )


ARCHITECTURE: TypeAdapter[str] = TypeAdapter(Architecture)
MEAN: TypeAdapter[tuple[float, float, float] | None] = TypeAdapter(PerChannel | None)
STD: TypeAdapter[tuple[float, float, float] | None] = TypeAdapter(DeviationPerChannel | None)
SIZE: TypeAdapter[int | None] = TypeAdapter(ImageSize | None)
COUNT: TypeAdapter[int | None] = TypeAdapter(Annotated[int, Field(ge=1)] | None)
REQUIRES: TypeAdapter[str | None] = TypeAdapter(str | None)
NAMES: TypeAdapter[tuple[str, ...]] = TypeAdapter(ClassNames)


def _names(config: Mapping[str, Any]) -> tuple[str, ...] | None:
    """A name for each class and no name twice: anything else does not tell the classes apart."""
    try:
        names = NAMES.validate_python(config.get("label_names"))
    except ValidationError:
        return None
    whole = len(names) == len(set(names)) == config.get("num_classes", len(names))
    return names if whole else None


def _same(said: Any, found: Any) -> bool:
    if isinstance(said, tuple) and not isinstance(said[0], str):
        return all(abs(a - b) <= CLOSE for a, b in zip(said, found, strict=True))
    return bool(said == found)


def _plain(value: Any) -> str:
    return shown(list(value)) if isinstance(value, tuple) else str(value)


def _refuse(message: str, pointer: str, file: str) -> NoReturn:
    raise ModelInvalid(
        message,
        hint="take the folder as it was written, or name the file with the weights alone",
        pointer=pointer,
        file=file,
        code="config_unreadable",
    )
