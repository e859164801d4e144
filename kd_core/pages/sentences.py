"""What a report says in whole sentences, the same on every page."""

from __future__ import annotations

from collections.abc import Iterator

from kd_core.pages.lines import Line
from kd_core.pages.words import amount, counted, percent, points
from kd_core.report import ArtifactReport, Gain, Int8Grid, Measured, OnTest, Report

OVER = {
    "seeds": "It is over the seeds: it allows for luck in training, not for who is among the "
    "samples.",
    "samples": "It is over the samples, of one seed: it allows for luck in who is among them, not "
    "for luck in training.",
}


def verdict(report: Report) -> str:
    failed, count = sum(not gate.passed for gate in report.gates), len(report.gates)
    if not count:
        return "No gates were asked for."
    gates = counted(count, "gate")
    return f"{failed} of {gates} failed." if failed else f"{gates} passed."


def summary(report: Report) -> str:
    """What the student is worth, and what it costs."""
    student = Line("student", report.student, report.teacher)
    return " ".join(part for part in (_worth(report, student), _cost(student)) if part)


def _worth(report: Report, student: Line) -> str | None:
    top1, drop = report.student.top1, student.derived("top1_drop")
    if top1 is None:
        agreement = report.student.agreement_teacher
        if agreement is None:
            return None
        return f"The student answers {percent(agreement)} of the samples as the teacher does."
    said = f"The student answers {percent(top1)} of the samples correctly"
    if drop is None or report.teacher is None:
        return f"{said}."
    apart = (
        f"{points(abs(drop))[1:]} points {'less' if drop > 0 else 'more'}" if drop else "as much"
    )
    than = "as" if not drop else "than"
    return f"{said}, {apart} {than} the teacher ({percent(report.teacher.top1)})."


def _cost(student: Line) -> str:
    ratio, speedup = student.derived("size_ratio"), student.derived("speedup")
    size = f"It has {amount(student.model.size_mb)} MB"
    if ratio is not None:
        size += f", {_smaller(ratio)},"
    time = f"and answers in {amount(student.model.latency_ms_p50)} ms"
    if speedup is not None:
        time += f", {amount(speedup)} times as fast"
    return f"{size} {time}."


def _smaller(ratio: float) -> str:
    if 0 < ratio < 1:
        return f"{amount(1 / ratio)} times less than the teacher"
    return f"{amount(ratio)} times as much as the teacher"


def gain(found: Gain) -> str:
    low, high = points(found.low), points(found.high)
    luck = (
        "zero lies in it, so luck may explain the difference"
        if found.low <= 0 <= found.high
        else "zero lies outside"
    )
    return (
        f"The student has {points(found.top1)} points of top-1 over the same student trained on "
        f"labels alone. The 95 % interval reaches from {low} to {high}: {luck}. {OVER[found.over]}"
    )


def on_test(test: OnTest) -> str:
    return (
        f"Looked at once, when nothing was left to choose: {counted(test.samples, 'sample')}. The "
        "other numbers here are those of the validation split."
    )


def int8(file: ArtifactReport) -> str:
    """What a file in int8 saves and loses against the float32 graph that it was made of."""
    beside, agreement = file.against_onnx, file.agreement_student
    if beside is None or agreement is None:
        return ""
    lost = beside.top1_lost
    told = f"{file.name} has {beside.size_ratio:.3f} of the bytes of the float32 graph"
    if lost is not None:
        told += f", loses {points(lost)[1:]} points of top-1" if lost > 0 else ""
        told += f", gains {points(lost)[1:]} points of top-1" if lost < 0 else ""
        told += ", loses nothing of top-1" if lost == 0 else ""
    return f"{told} and answers as the student does to {percent(agreement)} of the samples."


def int8_grid(grid: Int8Grid) -> str:
    return (
        f"{counted(len(grid.tries), 'recipe')} were tried on {counted(grid.samples, 'sample')}, "
        f"with ranges from {counted(grid.calibrated_on, 'training image')}. The first is kept: "
        f"{grid.why}."
    )


def flips(report: Report) -> str | None:
    found = report.diagnosis
    if found is None or found.flips is None:
        return None
    said = found.flips
    differing = f"{said.differing:,d} of {counted(found.samples, 'sample')}"
    whose = f"otherwise than the {found.reference} does"
    if said.lost is None:
        return f"The student answers {differing} {whose}."
    return (
        f"The student answers {differing} {whose}: {said.lost:,d} that the {found.reference} has "
        f"right, {said.gained or 0:,d} that it has wrong and the student right, "
        f"{said.both_wrong or 0:,d} that both have wrong."
    )


def teacher_check(report: Report) -> str | None:
    check = report.teacher_check
    if check is None:
        return None
    if check.top1 is None:
        return f"Before training the teacher was looked at on {counted(check.samples, 'sample')}."
    told = (
        f"Before training the teacher answered {percent(check.top1)} of "
        f"{counted(check.samples, 'sample')} correctly"
    )
    return f"{told}." if check.floor is None else f"{told}; it had to reach {percent(check.floor)}."


def measured(report: Report) -> Iterator[tuple[str, str]]:
    """How the numbers were taken, as pairs of a word and a text."""
    told = report.student.measured
    yield "samples", f"{counted(told.samples, 'held-out validation sample')}, the same for all"
    where = f"PyTorch on {report.device}" if report.device else "PyTorch"
    yield "teacher, student, baseline", f"{where}, {_taken(told)}"
    for artifact in report.artifacts:
        if artifact.measured is not None and artifact.measured.runtime is not None:
            runtime = f"{artifact.measured.runtime} on cpu"
            yield artifact.name, f"{runtime}, {_taken(artifact.measured)}"
    yield "times", "taken one after the other; what else the machine did meanwhile is in them"
    for name, meaning in sorted(report.chosen.items()):
        yield f"chosen: {name}", meaning
    if report.seeds:
        yield "seeds", ", ".join(str(seed.seed) for seed in report.seeds)
    if report.top1_over_seeds is not None:
        spread = report.top1_over_seeds
        yield (
            "over the seeds",
            f"{percent(spread.mean)} top-1, deviation {points(spread.sd)[1:]} points",
        )
    yield "fingerprint", report.fingerprint


def _taken(told: Measured) -> str:
    return (
        f"times for a batch of {told.batch}, {counted(told.threads, 'thread')}, "
        f"median of {told.repeats}"
    )
