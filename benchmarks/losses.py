"""Time and memory of every loss, value and gradient, against the formula written the usual way.

Both are also held against the plain formula in float64 on the same logits: speed that costs
accuracy is not counted as speed.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot
from torch.profiler import ProfilerActivity, profile

import kd_core
from benchmarks import plain_losses
from benchmarks.comparison import Row, arguments, compare, finish, seconds

SHAPES = ((128, 100), (128, 1000), (256, 1000), (64, 21841))
QUICK_SHAPES = ((128, 100), (128, 1000))
Plain = Callable[[Tensor, Tensor, Tensor], Tensor]
Grade = tuple[float, float, float]  # value, gradient, and the largest relative error of the latter
MIB = 2**20


@dataclass(frozen=True)
class Subject:
    """A loss at chosen parameters, the plain formula of the same, and the times it must win by."""

    name: str
    kind: str
    params: dict[str, Any]
    plain: Plain
    faster: dict[tuple[int, int], float]
    """Least ratio of the times, by shape."""
    smaller: float | None = None
    """Least ratio of the peaks of memory."""


def at_thousand(ratio: float) -> dict[tuple[int, int], float]:
    return {(128, 1000): ratio, (256, 1000): ratio}


SUBJECTS = (
    Subject("kd", "kd", {}, plain_losses.kd, at_thousand(1.3), 2.0),
    Subject("dkd", "dkd", {}, plain_losses.dkd, at_thousand(4.0), 2.0),
    Subject("gdkd", "gdkd", {}, plain_losses.gdkd, at_thousand(4.0), 2.0),
    Subject("dist", "dist", {}, plain_losses.dist, at_thousand(2.0)),
    Subject(
        "pld",
        "pld",
        {},
        plain_losses.pld,
        {(128, 100): 3.5, **at_thousand(2.0), (64, 21841): 1.6},
        2.0,
    ),
    Subject("nkd", "nkd", {}, plain_losses.nkd, {}),
    Subject("mlkd", "mlkd", {"enable_mask": False}, plain_losses.mlkd, {}),
)
RKKD = tuple(
    Subject(
        f"rkkd k={k:g}",
        "rkkd",
        {"k": k},
        partial(plain_losses.rkkd, k=k),
        {(128, 100): 1.0, (128, 1000): 100.0},
    )
    for k in (1.0, 10.0, 100.0)
)
# [B, C, C] in float32, several times over: what the plain formula of RKKD asks for beyond these
# is more than the machines have that we measure on.
RKKD_COMPARABLE = ((128, 100), (128, 1000))
MOST_CLASSES_OF_PLAIN = {"mlkd": 1000}  # its plain formula makes matrices of C x C, ten a step
RKKD_SECONDS = {1.0: 1.0, 100.0: 4.0}  # a step at (64, 21841)
RKKD_EXTRA_MIB = 16.0
GRADIENT_ERROR, RKKD_GRADIENT_ERROR, RKKD_VALUE_ERROR = 5e-7, 1e-4, 1e-5


def logits(shape: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Normal, of standard deviation 3, the label raised by 4, the student much like the teacher."""
    source = torch.Generator().manual_seed(shape[0] * shape[1])
    samples, classes = shape
    t, noise = 3 * torch.randn(2, samples, classes, generator=source)
    y = torch.randint(classes, (samples,), generator=source)
    raised = 4 * one_hot(y, classes)
    return 0.7 * t + 0.714 * noise + raised, t + raised, y


def step(loss: Callable[..., Tensor], s: Tensor, t: Tensor, y: Tensor) -> Callable[[], Tensor]:
    """Value and gradient, with the gradient afresh."""
    student = s.clone().requires_grad_()

    def once() -> Tensor:
        student.grad = None
        value = loss(student, t, y)
        value.backward()
        return value.detach()

    once.student = student  # type: ignore[attr-defined]  # to look at the gradient afterwards
    return once


def peak_bytes(work: Callable[[], object]) -> int:
    """The most that was allocated at once beyond what there was, the gradient included."""
    work.student.grad = None  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
            work()
    events = [at for at in profiled.profiler.kineto_results.events() if at.name() == "[memory]"]
    held = most = 0
    for event in sorted(events, key=lambda at: at.start_ns()):
        held += event.nbytes()
        most = max(most, held)
    return most


def grade(work: Callable[[], Tensor], exact: tuple[Tensor, Tensor]) -> tuple[float, float]:
    """The relative errors of value and gradient (L2)."""
    value = work().double()
    gradient = work.student.grad.double()  # type: ignore[attr-defined]
    return (
        float((value - exact[0]).abs() / exact[0].abs()),
        float((gradient - exact[1]).norm() / exact[1].norm()),
    )


def rows(subject: Subject, shape: tuple[int, int], rounds: int) -> Iterator[Row]:
    s, t, y = logits(shape)
    case = f"{shape[0]} x {shape[1]}"
    loss = kd_core.loss(subject.kind, **subject.params)
    ours, plain = step(loss, s, t, y), step(subject.plain, s, t, y)
    yield from accuracy(subject, case, ours, plain, (s, t, y))
    mine, theirs, ratio = compare(ours, plain, rounds, settled=True)
    yield Row(subject.name, case, 1e3 * mine, 1e3 * theirs, "ms", ratio, subject.faster.get(shape))
    mine_bytes, their_bytes = peak_bytes(ours), peak_bytes(plain)
    yield Row(
        subject.name,
        case,
        mine_bytes / MIB,
        their_bytes / MIB,
        "MiB at the peak",
        their_bytes / mine_bytes,
        subject.smaller,
    )
    if subject.kind == "rkkd":
        yield extra_memory(subject, case, mine_bytes - s.nbytes)


def accuracy(
    subject: Subject,
    case: str,
    ours: Callable[[], Tensor],
    plain: Callable[[], Tensor],
    given: tuple[Tensor, Tensor, Tensor],
) -> Iterator[Row]:
    """Against float64; what is allowed divided by what is, so that more is better here too."""
    s, t, y = given
    wide = step(exact_formula(subject), s.double(), t.double(), y)
    exact = (wide(), wide.student.grad)  # type: ignore[attr-defined]
    mine, theirs = grade(ours, exact), grade(plain, exact)
    if subject.kind == "rkkd":
        allowed = {"value": RKKD_VALUE_ERROR, "gradient": RKKD_GRADIENT_ERROR}
    else:
        allowed = {"gradient": max(GRADIENT_ERROR, 3 * theirs[1])}
    for what, limit in allowed.items():
        at = 0 if what == "value" else 1
        yield Row(
            subject.name,
            case,
            mine[at],
            theirs[at],
            f"relative error of the {what}",
            limit / max(mine[at], 1e-12),
            1.0,
        )


def exact_formula(subject: Subject) -> Callable[..., Tensor]:
    """The plain formula in float64; for RKKD ours, which is exact there and needs no [B, C, C]."""
    if subject.kind == "rkkd":
        return kd_core.loss(subject.kind, **subject.params)
    return subject.plain


def extra_memory(subject: Subject, case: str, extra: int) -> Row:
    allowed = RKKD_EXTRA_MIB * MIB
    ratio = allowed / max(extra, 1)
    target = 1.0 if case == "128 x 1000" else None
    return Row(
        subject.name, case, extra / MIB, RKKD_EXTRA_MIB, "MiB beside the gradient", ratio, target
    )


def alone(subject: Subject, shape: tuple[int, int]) -> Iterator[Row]:
    """RKKD where the plain formula does not fit: against a number of seconds."""
    s, t, y = logits(shape)
    ours = step(kd_core.loss(subject.kind, **subject.params), s, t, y)
    case = f"{shape[0]} x {shape[1]}"
    ours()
    took = min(seconds(ours, 1) for _ in range(3))
    allowed = RKKD_SECONDS.get(subject.params["k"]) if shape[1] > 20_000 else None
    yield Row(
        subject.name,
        case,
        1e3 * took,
        allowed and 1e3 * allowed,
        "ms",
        allowed and allowed / took,
        allowed and 1.0,
    )
    yield extra_memory(subject, case, peak_bytes(ours) - s.nbytes)


def everything(*, quick: bool, only: str | None) -> Iterator[Row]:
    rounds = 3 if quick else 7
    shapes = QUICK_SHAPES if quick else SHAPES
    for subject in (*SUBJECTS, *(RKKD[2:] if quick else RKKD)):
        if only not in {None, subject.kind}:
            continue
        for shape in shapes:
            if shape[1] > MOST_CLASSES_OF_PLAIN.get(subject.kind, shape[1]):
                continue
            if subject.kind != "rkkd" or shape in RKKD_COMPARABLE:
                yield from rows(subject, shape, rounds)
            else:
                yield from alone(subject, shape)


def main() -> int:
    parser = arguments(__doc__ or "")
    parser.add_argument("--threads", type=int, default=1, help="1 is what targets are meant for")
    parser.add_argument("--only", help="one kind of loss")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    print(f"torch {torch.__version__}, {given.threads} thread(s)\n")
    return finish(everything(quick=given.quick, only=given.only), given)


if __name__ == "__main__":
    sys.exit(main())
