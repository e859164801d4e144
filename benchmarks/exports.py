"""Every export of eleven students: does it answer as PyTorch does, and what does it weigh and cost.

Each is trained for an epoch on digits of scikit-learn, so that its logits are those of a network
that has learnt something, and shipped by a whole run: what is shown is what its report says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import kd_core
from benchmarks.comparison import Row, arguments, finish
from kd_core.events import ArtifactFailed, ArtifactReady, Event, PhaseChanged
from kd_core.report import LEAST_AGREEMENT, ArtifactReport, Report

OF_TIMM = (
    "resnet18",
    "mobilenetv3_small_100",
    "mobilenetv4_conv_small",
    "efficientnet_b0",
    "convnext_atto",
    "vit_tiny_patch16_224",
    "repvgg_a0",
    "ghostnet_100",
)
OF_THE_PAPERS = ("resnet8x4", "wrn_16_2", "shufflenetv2")
QUICK = ("mobilenetv3_small_100", "resnet8x4")
SIDES = dict.fromkeys(OF_TIMM, 64) | dict.fromkeys(OF_THE_PAPERS, 32)
FORMATS = ("safetensors", "onnx", "onnx_int8", "torch_export")
USUAL = {"epochs": 1, "batch_size": 32, "optimizer": {"kind": "adamw", "lr": 0.001}}
# It does not learn anything in an epoch of those, and then every answer is the same.
RECIPES = {
    "vit_tiny_patch16_224": USUAL | {"epochs": 8, "optimizer": {"kind": "adamw", "lr": 2e-4}}
}
TITLES = ("student", "file", "difference / allowed", "other best class", "MB", "made in s")
INT8_TITLES = (
    "student in int8",
    "agrees with float32",
    "points lost",
    "MB",
    "of onnx",
    "kept",
    "made in s",
)


@dataclass
class Watch:
    """The seconds from one file to the next, which are those of making and proving it."""

    seconds: dict[str, float] = field(default_factory=dict)
    since: float = 0.0

    def __call__(self, event: Event) -> None:
        now = event.at.timestamp()
        if isinstance(event.data, ArtifactReady | ArtifactFailed):
            self.seconds[event.data.format] = self.seconds.get(event.data.format, 0.0) + (
                now - self.since
            )
        if isinstance(event.data, ArtifactReady | ArtifactFailed | PhaseChanged):
            self.since = now


@dataclass(frozen=True)
class Student:
    architecture: str
    report: Report
    seconds: dict[str, float]


def shipped(architecture: str, given: argparse.Namespace) -> Student:
    spec = {
        "student": {"architecture": architecture},
        "data": {"dataset": "digits", "image_size": SIDES[architecture]},
        "loss": "ce",
        "recipe": RECIPES.get(architecture, USUAL),
        "exports": [{"format": name} for name in given.formats],
        "resources": {"device": "cpu", "threads": given.threads},
    }
    watch = Watch()
    with tempfile.TemporaryDirectory(prefix="exports-") as folder:
        report = kd_core.distill(spec, Path(folder) / "out", watch)
    return Student(architecture, report, watch.seconds)


def rows(students: list[Student], given: argparse.Namespace) -> Iterator[Row]:
    for architecture in QUICK if given.quick else given.only:
        student = shipped(architecture, given)
        students.append(student)
        for artifact in student.report.artifacts:
            yield from _of(student, artifact)


def _of(student: Student, artifact: ArtifactReport) -> Iterator[Row]:
    """A file that is there answers within what is allowed; one that is not has its reason, which
    is good enough where it names an operator.
    """
    name, kind = student.architecture, artifact.name
    if artifact.status == "failed":
        target = None if "operator" in (artifact.reason or "") else 1.0
        yield Row(name, f"{kind}: {artifact.reason}", None, None, "", None, target)
        return
    if artifact.parity is not None:
        found, allowed = artifact.parity.max_difference, artifact.parity.allowed
        ratio = allowed / max(found, 1e-12)
        yield Row(name, f"{kind}, difference", found, allowed, "logit", ratio, 1.0, slack=1.0)
    if artifact.grid is not None:
        agreed = artifact.agreement_student or 0.0
        ratio = agreed / LEAST_AGREEMENT
        yield Row(name, f"{kind}, agreement", agreed, LEAST_AGREEMENT, "", ratio, 1.0, slack=1.0)
    weights = student.report.artifacts[0].size_mb
    yield Row(name, f"{kind}, size", artifact.size_mb, weights, "MB", None)
    eager = student.report.artifacts[0].latency_ms_p50
    yield Row(name, f"{kind}, batch of one", artifact.latency_ms_p50, eager, "ms", None)
    if artifact.name == artifact.format:
        yield Row(name, f"{kind}, made", student.seconds[kind], None, "s", None)


def table(students: list[Student]) -> Iterator[str]:
    """As docs/exports.md has it: what keeps float32, and what does not."""
    yield from _lines(TITLES, 2, students, _cells)
    yield ""
    yield from _lines(INT8_TITLES, 1, students, _int8_cells)


def _lines(
    titles: tuple[str, ...],
    words: int,
    students: list[Student],
    cells: Callable[[Student, ArtifactReport], tuple[str, ...] | None],
) -> Iterator[str]:
    """Columns after so many words are numbers."""
    yield f"| {' | '.join(titles)} |"
    yield f"| {' | '.join(['---'] * words + ['---:'] * (len(titles) - words))} |"
    for student in students:
        for artifact in student.report.artifacts:
            row = cells(student, artifact)
            if row is not None:
                yield f"| {' | '.join(row)} |"


def _cells(student: Student, artifact: ArtifactReport) -> tuple[str, ...] | None:
    if artifact.grid is not None:
        return None
    if artifact.status == "failed":
        return (student.architecture, artifact.name, artifact.reason or "", "", "", "")
    parity = artifact.parity
    made = f"{student.seconds[artifact.format]:.1f}" if artifact.name == artifact.format else ""
    return (
        student.architecture,
        artifact.name,
        "" if parity is None else f"{parity.max_difference / parity.allowed:.5f}",
        "" if parity is None else str(len(parity.undecided)),
        f"{artifact.size_mb:.2f}",
        made,
    )


def _int8_cells(student: Student, artifact: ArtifactReport) -> tuple[str, ...] | None:
    grid, beside = artifact.grid, artifact.against_onnx
    if grid is None or beside is None:
        return None
    kept = grid.best
    return (
        student.architecture,
        f"{artifact.agreement_student:.1%}",
        f"{100 * (beside.top1_lost or 0):.1f}",
        f"{artifact.size_mb:.2f}",
        f"{beside.size_ratio:.3f}",
        ", ".join(
            (
                kept.calibration,
                kept.operators,
                "each channel" if kept.per_channel else "one scale",
                *(["ends in float32"] if kept.ends_in_float else []),
            )
        ),
        f"{student.seconds[artifact.format]:.1f}",
    )


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--threads", type=int, default=1)
    known = (*OF_TIMM, *OF_THE_PAPERS)
    parser.add_argument("--only", nargs="+", choices=known, default=known)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    given = parser.parse_args()
    students: list[Student] = []
    status = finish(rows(students, given), given)
    print("\n" + "\n".join(table(students)))
    return status


if __name__ == "__main__":
    sys.exit(main())
