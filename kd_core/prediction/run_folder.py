"""The folder of a run, or a bundle: which artifacts are in it, and what the run knew of images."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kd_core.errors import ModelInvalid, SpecInvalid, WorkdirInvalid
from kd_core.files import sha256_of
from kd_core.spec import DistillSpec, parse_spec
from kd_core.spec.export import WEIGHTS
from kd_core.workdir import RECORD, REPORT

MANIFEST = "manifest.json"
IMAGES = ("numpy", "PIL")
NEEDS: Mapping[str, tuple[str, ...]] = {
    ".onnx": (*IMAGES, "onnxruntime"),
    ".pt2": (*IMAGES, "torch"),
    ".safetensors": (*IMAGES, "torch", "timm", "safetensors"),
}
"""What runs a file, by its suffix."""


class Part(BaseModel):
    """What is needed of a document that another release may have written."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class File(Part):
    path: Annotated[str, Field(pattern=r"^[a-z0-9_]+/[A-Za-z0-9_-][A-Za-z0-9_.-]*$")]
    sha256: str


class Shipped(Part):
    name: str
    format: str
    status: Literal["ready", "failed"]
    reason: str | None = None
    files: tuple[File, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        return NEEDS[Path(self.files[0].path).suffix]


class Record(Part):
    spec: dict[str, Any]
    inputs: dict[str, str | None] = {}


class _Report(Part):
    artifacts: tuple[Shipped, ...]


class _Size(Part):
    image_size: int


class _Data(Part):
    data: _Size


class _Sent(Part):
    resolved: _Data


class _Manifest(Part):
    spec: _Sent


@dataclass(frozen=True)
class RunFolder:
    path: Path

    @cached_property
    def artifacts(self) -> dict[str, Shipped]:
        """By what the report calls them."""
        return {one.name: one for one in self._read(REPORT, _Report).artifacts}

    def artifact(self, name: str) -> Shipped:
        """One that is here; its files may not be."""
        found = self.artifacts.get(name)
        if found is None or found.status == "failed" or not found.files:
            there = ", ".join(one.name for one in self.artifacts.values() if one.files)
            reason = "" if found is None else f": it could not be made, {found.reason}"
            raise ModelInvalid(
                f"there is no artifact {name!r}{reason}",
                hint=f"there are: {there}; `exports` in the specification says which are made",
                file=str(self.path),
                code="artifact_unknown",
            )
        return found

    def files(self, shipped: Shipped) -> list[Path]:
        """Where its files are, which are still those that were measured."""
        return [self._sound(shipped, file) for file in shipped.files]

    @cached_property
    def record(self) -> Record | None:
        """What only the folder that `still distill` left has."""
        return self._read(RECORD, Record) if (self.path / RECORD).is_file() else None

    @cached_property
    def spec(self) -> DistillSpec | None:
        if self.record is None:
            return None
        try:
            return parse_spec(self.record.spec)
        except SpecInvalid:
            raise _damaged(self.path / RECORD) from None

    @property
    def image_size(self) -> int | None:
        """The side that images were decoded to; None where nothing here tells it."""
        if self.record is not None:
            carried_out: _Data = self._read(RECORD, _OfRecord).spec
        elif (self.path / MANIFEST).is_file():
            carried_out = self._read(MANIFEST, _Manifest).spec.resolved
        else:
            return None
        return carried_out.data.image_size

    def _sound(self, shipped: Shipped, file: File) -> Path:
        path = self.path / "artifacts" / file.path
        if not path.is_file():
            raise ModelInvalid(
                f"the file of the artifact {shipped.name} is not here",
                hint="pull it again, or unpack the bundle again",
                file=str(path),
                code="artifact_missing",
            )
        if sha256_of(path) != file.sha256:
            raise ModelInvalid(
                f"this is not the file that the report calls {shipped.name}: it was changed",
                hint="pull it again, or unpack the bundle again",
                file=str(path),
                code="artifact_changed",
            )
        return path

    def _read(self, name: str, kind: type[Any]) -> Any:
        path = self.path / name
        try:
            return kind.model_validate(json.loads(path.read_bytes()))
        except OSError as error:
            raise WorkdirInvalid(
                f"this is not the folder of a finished run: {error.strerror}",
                hint="give the folder that `still distill` or `still artifacts pull` wrote, or the "
                "one in a bundle: it has a report.json",
                file=str(path),
                code="not_a_run",
            ) from None
        except (ValueError, RecursionError, ValidationError):
            raise _damaged(path) from None


class _OfRecord(Part):
    spec: _Data


def chosen(folder: RunFolder, name: str | None, installed: Mapping[str, bool]) -> Shipped:
    """The artifact of this name; without one the weights, or the first file that can be run with
    what is installed.
    """
    if name is not None:
        return folder.artifact(name)
    ready = [one for one in folder.artifacts.values() if one.files]
    ready.sort(key=lambda one: one.name != WEIGHTS)
    runnable = (one for one in ready if all(installed.get(module) for module in one.needs))
    return next(runnable, None) or folder.artifact(WEIGHTS)


def _damaged(path: Path) -> WorkdirInvalid:
    return WorkdirInvalid(
        "this file is damaged, or no run wrote it",
        hint="pull it again, or give another folder",
        file=str(path),
        code="workdir_damaged",
    )
