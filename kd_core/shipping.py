"""What leaves a run: the student's weights, and every file that was asked for, proven by itself."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from kd_core import model_card
from kd_core.errors import ExportFailed, ModelInvalid, Stopped
from kd_core.events import ArtifactFailed, ArtifactReady, Warned
from kd_core.exports.catalogue import FORMATS, Format
from kd_core.exports.program import MANY
from kd_core.exports.proof import Proof, Trial
from kd_core.exports.refusal import Unexportable
from kd_core.exports.student import Student
from kd_core.exports.workshop import Workshop
from kd_core.files import folder_in_one_move, sha256_of
from kd_core.measuring import worth
from kd_core.metrics import agreement
from kd_core.packaging import timm_folder
from kd_core.report import (
    MEGABYTE,
    AgainstOnnx,
    ArtifactReport,
    Int8Grid,
    Measured,
    Measures,
    ShippedFile,
)
from kd_core.spec.export import WEIGHTS
from kd_core.training.on_device import images_on

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.exports.clean_process import Cost
    from kd_core.models.build import Plan

WAY_OUT = "drop required, and the run ends without this file; or choose another architecture"


@dataclass(frozen=True)
class Ready:
    name: str
    format: str
    file: ShippedFile
    proof: Proof


@dataclass(frozen=True)
class Refused:
    name: str
    format: str
    reason: str


Shipped = Ready | Refused


@dataclass(frozen=True)
class Packed:
    peak_bytes: int
    """Of a process that loads the weights by timm, and answers."""
    files: Sequence[Shipped] = ()
    """Everything beside the weights."""


def rehearse(attempt: Attempt, network: nn.Module, plan: Plan) -> None:
    """Make what is required of the fresh network: what cannot be shipped as it must be is not
    trained.
    """
    student = Student(network, plan, ())
    for position, export in enumerate(attempt.spec.exports):
        if not export.required or export.format == WEIGHTS:
            continue
        folder = attempt.folder.scratch / export.format
        folder.mkdir()
        try:
            FORMATS[export.format].rehearse(student, folder)
        except Unexportable as error:
            raise ModelInvalid(
                f"{plan.architecture} can be trained but not shipped as {export.format}: "
                f"{error.reason}",
                hint=WAY_OUT,
                pointer=f"/exports/{position}",
                code="architecture_unfit",
            ) from None


def pack(attempt: Attempt, trained: nn.Module, plan: Plan, dataset: DataSet) -> Packed:
    """Everything that is made of the student's weights, which are written first. A file that is
    there is whole, and is not made again.
    """
    names = dataset.class_names or ()
    folder = attempt.folder.artifacts / WEIGHTS
    if not timm_folder.is_whole(folder):
        timm_folder.save(trained, plan, names, folder)
    student = Student(timm_folder.load(folder), plan, names)
    trial = Trial(
        student,
        dataset.validation,
        threads=attempt.threads,
        batch_size=attempt.spec.recipe.evaluation_batch,
        between=lambda: _go_on(attempt),
    )
    peak = _cost_of_weights(folder, trial).peak_bytes
    _tell(attempt, WEIGHTS, folder, timm_folder.digest(folder), timm_folder.size_bytes(folder))
    wanted = [place for place, one in enumerate(attempt.spec.exports) if one.format != WEIGHTS]
    if not wanted:
        return Packed(peak)
    images = images_on("cpu", dataset.train.images)
    workshop = Workshop(student, trial, images, attempt.threads, attempt.folder.int8)
    files = [one for position in wanted for one in _files(attempt, position, workshop)]
    return Packed(peak, files)


def _cost_of_weights(folder: Path, trial: Trial) -> Cost:
    """By timm alone, in a process that trained nothing."""
    try:
        return trial.cost(folder)
    except Unexportable as error:
        shutil.rmtree(folder)
        raise ExportFailed(
            f"{WEIGHTS} is what every student is shipped as, and timm does not load this one as it "
            f"was trained: {error.reason}",
            hint="see what stands in its way, and run it again with --resume",
        ) from None


def _files(attempt: Attempt, position: int, workshop: Workshop) -> Sequence[Shipped]:
    wanted = FORMATS[attempt.spec.exports[position].format]
    folder = attempt.folder.artifacts / wanted.name
    _go_on(attempt)
    try:
        proofs = _proven(wanted, folder, workshop)
    except Unexportable as error:
        return _refused(attempt, position, wanted, error.reason)
    shipped = []
    for name, proof in proofs.items():
        path = folder / wanted.files[name]
        file = _on_disk(path)
        _tell(attempt, name, path, file.sha256, file.bytes, format_name=wanted.name)
        if proof.grid is not None and proof.grid.has_collapsed:
            _warn(attempt, name, proof.grid)
        shipped.append(Ready(name, wanted.name, file, proof))
    return shipped


def _warn(attempt: Attempt, name: str, grid: Int8Grid) -> None:
    best = grid.best.agreement_student or 0
    attempt.emit(
        Warned(
            code="int8_collapsed",
            message=f"{name} is no longer the student: the best of {len(grid.tries)} recipes "
            f"answers as it does in float32 to {best:.1%} of {grid.samples} validation images",
            hint="ship onnx, or choose another architecture; a gate on agreement_student of "
            f"{name} turns this into a verdict",
        )
    )


def _proven(wanted: Format, folder: Path, workshop: Workshop) -> dict[str, Proof]:
    """The folder takes its name when every file in it was loaded again and answers as it should."""
    if folder.exists():
        with suppress(Unexportable):
            return _proofs(wanted, folder, workshop)
        shutil.rmtree(folder)  # somebody changed it meanwhile
    with folder_in_one_move(folder) as partial:
        wanted.write(workshop, partial)
        return _proofs(wanted, partial, workshop)


def _proofs(wanted: Format, folder: Path, workshop: Workshop) -> dict[str, Proof]:
    return {name: wanted.prove(workshop, folder / file) for name, file in wanted.files.items()}


def _refused(attempt: Attempt, position: int, wanted: Format, reason: str) -> list[Refused]:
    required = attempt.spec.exports[position].required
    for name in wanted.files:
        failed = ArtifactFailed(name=name, format=wanted.name, reason=reason, required=required)
        attempt.emit(failed)
    if required:
        raise ExportFailed(
            f"{wanted.name} is required, and this student cannot be shipped so: {reason}",
            hint=WAY_OUT,
            pointer=f"/exports/{position}",
        )
    return [Refused(name, wanted.name, reason) for name in wanted.files]


def _go_on(attempt: Attempt) -> None:
    if attempt.surroundings.should_stop():
        raise Stopped(
            "stopped while the student was packed",
            hint="run the same command with --resume to go on",
        )


def _tell(
    attempt: Attempt, name: str, path: Path, sha256: str, size: int, *, format_name: str = WEIGHTS
) -> None:
    within = path.relative_to(attempt.folder.path)
    attempt.emit(
        ArtifactReady(
            name=name, format=format_name, path=within.as_posix(), sha256=sha256, bytes=size
        )
    )


def reports(
    attempt: Attempt,
    packed: Packed,
    student: Measures,
    dataset: DataSet,
    student_answers: Tensor,
    teacher_answers: Tensor | None,
) -> tuple[ArtifactReport, ...]:
    """The weights first: `student` was measured by them. Answers are logits [N, C] to all that is
    held out.
    """
    return (
        _of_weights(attempt.folder.artifacts / WEIGHTS, student),
        *(
            _of_none(one)
            if isinstance(one, Refused)
            else _of_file(one, attempt.threads, student, dataset, student_answers, teacher_answers)
            for one in packed.files
        ),
    )


def answers(packed: Packed) -> dict[str, Tensor]:
    """What each file said to everything held out. [N, C]"""
    return {one.name: one.proof.logits for one in packed.files if isinstance(one, Ready)}


def _of_weights(folder: Path, student: Measures) -> ArtifactReport:
    return ArtifactReport(
        name=WEIGHTS,
        format=WEIGHTS,
        status="ready",
        sha256=timm_folder.digest(folder),
        files=tuple(_on_disk(folder / name) for name in (model_card.WEIGHTS, model_card.CONFIG)),
        **dict(student),
    )


def _of_none(one: Refused) -> ArtifactReport:
    return ArtifactReport(name=one.name, format=one.format, status="failed", reason=one.reason)


def _of_file(
    one: Ready,
    threads: int,
    student: Measures,
    dataset: DataSet,
    student_answers: Tensor,
    teacher_answers: Tensor | None,
) -> ArtifactReport:
    """Worth and cost are the file's own; how many weights and how much work, the student's."""
    logits, cost = one.proof.logits, one.proof.cost
    known = worth(logits, dataset.validation.labels, dataset.class_names, teacher_answers)
    return ArtifactReport(
        name=one.name,
        format=one.format,
        status="ready",
        sha256=one.file.sha256,
        files=(one.file,),
        parity=one.proof.parity,
        **known,
        agreement_student=agreement(logits, student_answers),
        grid=one.proof.grid,
        against_onnx=_against_onnx(one, student.top1, known.get("top1")),
        parameters=student.parameters,
        macs=student.macs,
        size_mb=one.file.bytes / MEGABYTE,
        latency_ms_p50=cost.milliseconds.quantile(0.5).item(),
        latency_ms_p95=cost.milliseconds.quantile(0.95).item(),
        images_per_s=cost.images_per_s,
        peak_mb=cost.peak_bytes / MEGABYTE,
        measured=Measured(
            batch=1,
            throughput_batch=MANY,
            threads=threads,
            repeats=len(cost.milliseconds),
            samples=len(logits),
            runtime=_runtime(FORMATS[one.format]),
        ),
    )


def _against_onnx(one: Ready, student: float | None, this: float | None) -> AgainstOnnx | None:
    grid = one.proof.grid
    if grid is None:
        return None
    return AgainstOnnx(
        size_ratio=one.file.bytes / MEGABYTE / grid.onnx_mb,
        top1_lost=None if student is None or this is None else student - this,
    )


def _runtime(wanted: Format) -> str:
    return f"{wanted.runtime} {version(wanted.runtime)}"


def _on_disk(file: Path) -> ShippedFile:
    return ShippedFile(
        path=f"{file.parent.name}/{file.name}", sha256=sha256_of(file), bytes=file.stat().st_size
    )
