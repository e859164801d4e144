"""What the files of a bundle are worth on a data set, each loaded as a stranger would load it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from kd_core import data
from kd_core.class_order import Classes
from kd_core.data.reading import read_whole
from kd_core.errors import BundleInvalid, DataInvalid, ModelInvalid
from kd_core.exports.catalogue import FORMATS
from kd_core.exports.clean_process import CleanProcess
from kd_core.exports.refusal import Unexportable
from kd_core.model_card import Card
from kd_core.models.build import Plan
from kd_core.spec import DataSource
from kd_core.spec.export import WEIGHTS
from kd_core.training.on_device import images_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from kd_core.data.dataset import Samples
    from kd_core.manifest import Manifest
    from kd_core.report import ArtifactReport, Report

BATCH = 64
ROUNDING = 1e-3
ROUNDING_OF_INT8 = 5e-3
"""Integer kernels differ from processor to processor by more than rounding."""
LOADED_BY_TIMM = "timm"


@dataclass(frozen=True)
class Score:
    name: str
    state: Literal["agrees", "differs", "measured", "broken", "not_run"]
    top1: float | None = None
    reported: float | None = None
    reason: str | None = None
    """Why it cannot be run, or, where nothing is wrong with it, is not."""


@dataclass(frozen=True)
class Remeasured:
    same_data: bool
    """These are the very validation samples of the report."""
    samples: int
    scores: tuple[Score, ...]

    @property
    def holds(self) -> bool:
        return not {"differs", "broken"} & {score.state for score in self.scores}


def remeasured(
    folder: Path, manifest: Manifest, report: Report, base: Path, source: str, threads: int
) -> Remeasured:
    """The folder is verified. `source` is a data set as a specification names it."""
    card = Card.read(folder / "artifacts" / WEIGHTS, "")
    samples, names, same = _samples(manifest, base, source)
    if samples.labels is None or names is None:
        raise DataInvalid(
            "accuracy cannot be measured on unlabelled data",
            hint="give data with labels",
            code="unlabelled",
        )
    labels = _as_answers(samples.labels, names, card.class_names)
    side = Plan(card.architecture, 0, card.image_size or 0, (0, 0, 0), (1, 1, 1), {}, None)
    bench = _Bench(samples, labels, side, threads)
    there = [one for one in report.artifacts if one.status == "ready"]
    _check_listed(there, manifest)
    scores = [_score(one, folder, bench, same=same) for one in there]
    return Remeasured(same, len(samples), tuple(scores))


def _check_listed(artifacts: Sequence[ArtifactReport], manifest: Manifest) -> None:
    """What the report names is run only where the manifest vouches for it."""
    listed = {file.path for file in manifest.files}
    for file in (file for one in artifacts for file in one.files):
        if f"artifacts/{file.path}" not in listed:
            raise BundleInvalid(
                f"the report names artifacts/{file.path}, which the manifest does not list",
                hint="the two are not of one run",
            )


def _samples(
    manifest: Manifest, base: Path, source: str
) -> tuple[Samples, tuple[str, ...] | None, bool]:
    """Those that were held out, where this is the data of the run; all there are, of any other."""
    known = DataSource.model_validate({**manifest.spec.resolved["data"], "dataset": source})
    try:
        of_run = data.read(known, base)
    except DataInvalid:  # it need not be data that can be split
        of_run = None
    if of_run is not None and of_run.digest == manifest.inputs.get("data"):
        return of_run.validation, of_run.class_names, True
    return *read_whole(DataSource(dataset=source, image_size=known.image_size), base), False


def _as_answers(
    labels: NDArray[np.int64], names: tuple[str, ...], known: tuple[str, ...] | None
) -> NDArray[np.int64]:
    """Labels as the student numbers them: by name, or by place where one side has only numbers."""
    if known is None or known == names:
        return labels
    try:
        columns = Classes(names, known, {}, "").columns
    except ModelInvalid:
        if not Classes(names, known, None, "").are_only_counted:
            strange = [name for name in names if name not in known]
            raise DataInvalid(
                f"the student does not know {len(strange)} of the data's classes: {strange[:5]}",
                hint="name the classes of the data as config.json does",
                code="classes_differ",
            ) from None
        return labels
    return np.array(columns)[labels]


@dataclass(frozen=True, eq=False)
class _Bench:
    samples: Samples
    labels: NDArray[np.int64]
    plan: Plan
    threads: int

    def top1(self, file: Path) -> float:
        """Of a file, or a folder, in a process of its own."""
        images = images_on("cpu", self.samples.images)
        right = 0
        with CleanProcess(file, self.threads) as process:
            for places in torch.split(torch.arange(len(images)), BATCH):
                best = process.logits(self.plan.pixels(images[places])).argmax(dim=1)
                right += int((best.numpy() == self.labels[places.numpy()]).sum())
        return right / len(images)


def _score(one: ArtifactReport, folder: Path, bench: _Bench, *, same: bool) -> Score:
    path = folder / "artifacts" / one.files[0].path
    runtime = LOADED_BY_TIMM if one.format == WEIGHTS else FORMATS[one.format].runtime
    if find_spec(runtime) is None:
        return Score(one.name, "not_run", reason=f"{runtime} is not installed")
    try:
        top1 = bench.top1(path.parent if one.format == WEIGHTS else path)
    except Unexportable as error:
        return Score(one.name, "broken", reason=error.reason)
    if not same or one.top1 is None:
        return Score(one.name, "measured", top1)
    # One sample between two classes may fall to either.
    allowed = max(1 / len(bench.samples), ROUNDING_OF_INT8 if "int8" in one.name else ROUNDING)
    agrees = abs(top1 - one.top1) <= allowed
    return Score(one.name, "agrees" if agrees else "differs", top1, one.top1)
