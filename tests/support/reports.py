"""Whole reports without a run: models of random answers, diagnosed as a run's are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from kd_core.data.dataset import Samples
from kd_core.diagnosing.fronts import fronts
from kd_core.diagnosing.run import diagnosis
from kd_core.gates import judged
from kd_core.measuring import worth
from kd_core.report import (
    AgainstOnnx,
    ArtifactReport,
    Finding,
    Gain,
    Int8Grid,
    Int8Try,
    Measured,
    Measures,
    OnTest,
    Report,
    SeedReport,
    ShippedFile,
    TeacherCheck,
    Worth,
)
from kd_core.spec.gate import Gate

HOSTILE = (
    "<script>alert(1)</script>",
    "x" * 200,
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "two\nlines\r\n\x1b[31m",
    "a | pipe || `code` ``more`` [link](http://evil.example)",
    "</style><img src=http://evil.example/x.png onerror=alert(1)>",
    "&amp; \" ' @everyone #1 $x$ ![i](http://evil.example/y.png)",
    "",
)
ONNX = ("onnx", "onnx_uint8")


FINDING = Finding(code="c", message="classes are <b>mixed</b>", hint="sort | them", pointer="/t")


def held_out(labels, side=8, names=None, seed=0):
    """Noise; what it is of does not matter."""
    count = len(labels)
    images = np.random.default_rng(seed).integers(0, 256, (count, side, side, 3), dtype=np.uint8)
    names = names or tuple(f"images[{row}]" for row in range(count))
    return Samples(images, labels, tuple(names), np.arange(count))


def answers(labels, classes, right, seed):
    """Logits [N, C] that are right in about this share of the samples."""
    draw = torch.Generator().manual_seed(seed)
    logits = torch.randn(len(labels), classes, generator=draw)
    sure = torch.rand(len(labels), generator=draw) < right
    logits[torch.arange(len(labels))[sure], torch.from_numpy(labels)[sure]] += 5
    return logits


def cost(size_mb, ms, runtime=None, samples=1):
    return {
        "parameters": int(size_mb * 250_000),
        "macs": int(size_mb * 10**6),
        "size_mb": size_mb,
        "latency_ms_p50": ms,
        "latency_ms_p95": ms * 1.5,
        "images_per_s": 1200 / ms,
        "measured": Measured(
            batch=1, throughput_batch=16, threads=1, repeats=30, samples=samples, runtime=runtime
        ),
    }


@dataclass(frozen=True)
class Shape:
    """What a report is of."""

    classes: int = 10
    count: int = 200
    class_names: Sequence[str] | None = None
    sample_names: Sequence[str] | None = None
    name: str = "shelves"
    labelled: bool = True
    teacher: bool = True
    baseline: bool = True
    files: Sequence[str] = ONNX
    side: int = 8
    gates: Sequence[Gate] = ()
    alike: bool = True
    """Files answer as the student they are made of."""


def whole_report(**changes):
    """Every section that the shape leaves."""
    shape = Shape(**changes)
    names = tuple(shape.class_names or (f"class {label}" for label in range(shape.classes)))
    labels = np.random.default_rng(1).integers(0, shape.classes, shape.count)
    samples = held_out(labels, shape.side, shape.sample_names)
    if not shape.labelled:
        samples = replace(samples, labels=None)
    logits = _logits(shape, labels)

    def measures(model, beside=logits["teacher"], **costs):
        return {**worth(logits[model], samples.labels, names, beside), **costs}

    student = Measures(**measures("student", **cost(1.5, 3.0)))
    report = Report(
        name=shape.name,
        fingerprint="0" * 64,
        teacher=Measures(**measures("teacher", None, **cost(40.0, 12.0)))
        if shape.teacher
        else None,
        teacher_check=_checked(shape) if shape.teacher else None,
        student=student,
        device="cpu",
        chosen={"amp": "fp32"},
        seeds=(SeedReport(seed=0),),
        **_against_baseline(logits["baseline"], measures),
        test=OnTest(samples=7, student=Worth(top1=0.5)) if shape.labelled else None,
        artifacts=(
            _weights(student),
            *(
                _file(file, measures(file, **cost(1.4, 0.2, "onnxruntime 1")))
                for file in shape.files
            ),
            _failed(shape.name),
        ),
        diagnosis=diagnosis(samples, names, logits),
    )
    return judged(report.model_copy(update={"fronts": fronts(report)}), shape.gates)


def _logits(shape, labels):
    student = answers(labels, shape.classes, 0.8, 3)
    with_baseline = shape.baseline and shape.labelled
    return {
        "teacher": answers(labels, shape.classes, 0.9, 2) if shape.teacher else None,
        "student": student,
        "baseline": answers(labels, shape.classes, 0.75, 4) if with_baseline else None,
        **{
            file: student if shape.alike else answers(labels, shape.classes, 0.7, 5 + place)
            for place, file in enumerate(shape.files)
        },
    }


def _checked(shape):
    known = {"top1": 0.9, "floor": 0.5} if shape.labelled else {}
    return TeacherCheck(**known, samples=shape.count, finding=FINDING)


def _against_baseline(logits, measures):
    if logits is None:
        return {}
    gain = Gain(top1=0.01, low=-0.02, high=0.04, over="samples")
    return {"baseline": Measures(**measures("baseline", None, **cost(1.5, 3.0))), "kd_gain": gain}


def _file(name, measures):
    return ArtifactReport(name=name, format="onnx", status="ready", **measures)


def hostile_report(classes=50, side=96):
    """As large and as mean as a report can be."""
    strange = (f"{label} {HOSTILE[label % len(HOSTILE)]}"[:200] for label in range(classes - 1))
    return whole_report(
        classes=classes,
        count=4 * classes,
        class_names=(*strange, ""),
        sample_names=[f"{HOSTILE[row % len(HOSTILE)]}{row}" for row in range(4 * classes)],
        name="".join(HOSTILE)[:200],
        side=side,
        alike=False,
        files=("onnx", "onnx_uint8", "onnx_int8", "torch_export"),
        gates=[Gate(metric="top1", op=">=", value=0.5 + place / 200) for place in range(64)],
    )


def _weights(student):
    file = ShippedFile(path="safetensors/model.safetensors", sha256="0" * 64, bytes=1)
    told = {"name": "safetensors", "format": "safetensors", "status": "ready", "files": (file,)}
    return ArtifactReport(**told, **dict(student))


def _failed(name):
    reason = f"no operator for {name}"
    return ArtifactReport(
        name="torch_export2", format="torch_export", status="failed", reason=reason
    )


def in_int8(report, reason="the range of | a <tensor> is not finite"):
    """The same with a file in int8, the second of three recipes."""
    common = {"calibration": "minmax", "operators": "all", "per_channel": True}
    numbers = {"top1": 0.4, "agreement_student": 0.97, "size_mb": 0.4, "latency_ms_p50": 1.0}
    grid = Int8Grid(
        samples=200,
        calibrated_on=64,
        tries=(
            Int8Try(**common, ends_in_float=False, reason=reason),
            Int8Try(**common, ends_in_float=True, **numbers),
            Int8Try(**common | {"per_channel": False}, ends_in_float=False, **numbers),
        ),
        kept=1,
        why="it agrees the most",
        onnx_mb=1.5,
    )
    [student] = (one for one in report.artifacts if one.name == "onnx")
    file = student.model_copy(
        update={
            "name": "onnx_int8",
            "format": "onnx_int8",
            "agreement_student": 0.97,
            "grid": grid,
            "against_onnx": AgainstOnnx(size_ratio=0.2667, top1_lost=0.0125),
        }
    )
    return report.model_copy(update={"artifacts": (*report.artifacts, file)})
