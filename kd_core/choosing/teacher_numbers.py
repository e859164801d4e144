"""The numbers that a teacher answers in: those asked for if they hold, or the fastest that do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kd_core.choosing import int8
from kd_core.choosing.decision import WORTH_IT, choose, key
from kd_core.choosing.held_against import HeldAgainst
from kd_core.errors import TeacherUnfit
from kd_core.models.onnx.network import OnnxNetwork
from kd_core.models.precision import Fidelity, TeacherPrecision, multiplies_bf16
from kd_core.training.batches import Batches
from kd_core.training.views import Views

if TYPE_CHECKING:
    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Teacher

Coarse = Literal["bf16", "int8"]
COARSE: tuple[Coarse, ...] = ("bf16", "int8")
# Of answering in a run, below which int8 is not tried: making it takes about half a minute.
LEAST_SECONDS = 120.0


@dataclass(frozen=True)
class Option:
    """Numbers that the teacher may answer in, with seconds for an image, and its graph in int8."""

    precision: TeacherPrecision
    seconds: float
    graph: bytes | None = None


def teacher_precision(attempt: Attempt, teacher: Teacher, dataset: DataSet) -> None:
    """Let the teacher answer in the numbers that the recipe asks for, if they hold."""
    if isinstance(teacher.network, OnnxNetwork):
        return  # it answers in the numbers that it was exported in
    wanted = attempt.spec.recipe.teacher_precision
    known = attempt.chosen.get(key(teacher, "precision"))
    if known == "int8":
        int8.find_again(attempt, teacher)
    elif known is not None:
        teacher.use("bf16" if known == "bf16" else "fp32")
    elif wanted == "auto":
        _take_the_fastest(attempt, teacher, dataset)
    elif wanted != "fp32":
        _take(wanted, attempt, teacher, dataset)


def _take(wanted: Coarse, attempt: Attempt, teacher: Teacher, dataset: DataSet) -> None:
    found: Fidelity | str = _impossible(wanted, attempt)
    if not found:
        held = HeldAgainst(attempt, teacher, dataset)
        found, graph = _tried(wanted, held)
        if isinstance(found, Fidelity) and held.holds(found):
            _decide(attempt, teacher, Option(wanted, 0, graph), f"against float32: {found}")
            return
    raise TeacherUnfit(
        f"in {wanted} {teacher.name} does not answer as in float32: {found}",
        hint="recipe.teacher_precision: fp32, or auto",
        pointer="/recipe/teacher_precision",
        code="precision_unfit",
    )


def _take_the_fastest(attempt: Attempt, teacher: Teacher, dataset: DataSet) -> None:
    """Whatever may pay on this device is tried, timed and told."""
    held = HeldAgainst(attempt, teacher, dataset)
    exact = held.seconds_an_image()
    best, told = Option("fp32", exact / WORTH_IT), []
    for precision in COARSE:
        why_not = _impossible(precision, attempt) or _useless(precision, held, best)
        found, graph = (why_not, None) if why_not else _tried(precision, held)
        said = str(found)
        if isinstance(found, Fidelity) and held.holds(found):
            option = Option(precision, held.seconds_an_image(), graph)
            said = f"{exact / option.seconds:.2f} times as fast, {found}"
            best = min(best, option, key=lambda option: option.seconds)
        told.append(f"{precision}: {said}")
    _use(best, attempt, teacher)
    _decide(attempt, teacher, best, "; ".join(told))


def _impossible(precision: Coarse, attempt: Attempt) -> str:
    """Why no teacher can answer in these numbers in this run; empty if it can."""
    if precision == "int8" and attempt.device != "cpu":
        return f"it is for teachers on the CPU, and this run is on {attempt.device}"
    return ""


def _useless(precision: Coarse, held: HeldAgainst, best: Option) -> str:
    """Why `auto` does not even try; empty where it may pay."""
    if precision == "bf16":
        native = multiplies_bf16(held.attempt.device)
        return "" if native else "this device does not multiply bfloat16"
    seconds = best.seconds * _images_to_answer(held)
    enough = seconds >= LEAST_SECONDS
    return "" if enough else f"not tried, the teacher answers for {seconds:.0f} s in this run"


def _images_to_answer(held: HeldAgainst) -> int:
    recipe, split = held.attempt.spec.recipe, held.dataset.train
    recorded = Views(Batches(split, recipe.evaluation_batch, "cpu"), recipe, 0, recipe.seed).count
    passes = recipe.epochs * len(recipe.seeds) if recorded is None else recorded
    return passes * len(split)


def _tried(precision: Coarse, held: HeldAgainst) -> tuple[Fidelity | str, bytes | None]:
    """How well the teacher answers in these numbers, which it then uses, or why it cannot."""
    if precision == "int8":
        made = int8.make(held)
        return (made, None) if isinstance(made, str) else (made.found, made.graph)
    held.teacher.use(precision)
    return held.fidelity(), None


def _use(option: Option, attempt: Attempt, teacher: Teacher) -> None:
    if option.graph is not None:
        int8.use(attempt, teacher, option.graph)
    else:
        teacher.use("bf16" if option.precision == "bf16" else "fp32")


def _decide(attempt: Attempt, teacher: Teacher, option: Option, why: str) -> None:
    if option.graph is not None:
        int8.keep(attempt, teacher, option.graph)
    choose(attempt, key(teacher, "precision"), option.precision, why)
