"""A run from beginning to end: read, check, teach, train, pack, measure."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from kd_core import choosing, gates, shipping, students, teaching
from kd_core.batch_size import out_of_memory
from kd_core.diagnosing.fronts import fronts
from kd_core.diagnosing.run import diagnosis
from kd_core.errors import DiskFull, KdError, Stopped, StorageFailed, WorkdirInvalid
from kd_core.events import RunFailed, RunStarted, RunStopped, RunSucceeded, Warned
from kd_core.gain import gain
from kd_core.last_look import Finished, on_test
from kd_core.measuring import Bench, measured_teachers
from kd_core.models.build import Plan, first_line
from kd_core.models.measure import weight_bytes
from kd_core.models.weights import Weights
from kd_core.objective import Objective
from kd_core.packaging import predictions, timm_folder
from kd_core.rehearsal import rehearse
from kd_core.report import EpochScore, Report, SeedReport, Spread
from kd_core.shortage import is_out_of_memory
from kd_core.spec.advice import advice
from kd_core.spec.export import WEIGHTS
from kd_core.teacher_check import comparison
from kd_core.training.batches import Batches
from kd_core.training.evaluation import answers
from kd_core.training.reproducible import fixed_compute
from kd_core.workdir import RunRecord

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.attempt import Attempt
    from kd_core.data.dataset import DataSet
    from kd_core.models.teacher import Lesson
    from kd_core.training.trial import Trained

# Room to say in what happened, where no memory is left to say it.
RESERVE_BYTES = 4 << 20
VERSIONS_OF = ("stillhouse", "torch", "timm", "numpy", "pillow")


def run(attempt: Attempt) -> Report:
    """All phases; whatever ends the run is also its last event."""
    reserve = bytearray(RESERVE_BYTES)
    try:
        with fixed_compute(attempt.threads, attempt.device):
            return _phases(attempt)
    except Stopped:
        attempt.emit(RunStopped(phase=attempt.phase))
        raise
    except KdError as error:
        with suppress(DiskFull):  # it may be the one that events go to
            attempt.emit(RunFailed.of(error, attempt.phase))
        raise
    except Exception as error:
        del reserve
        told = _in_our_words(error, attempt)
        with suppress(OSError, DiskFull):
            attempt.emit(RunFailed.of(told or _unexpected(error), attempt.phase))
        if told is None:
            raise  # not caught, told: a log that simply stops would leave its reader guessing
        raise told from error


def _in_our_words(error: Exception, attempt: Attempt) -> KdError | None:
    if is_out_of_memory(error):
        return out_of_memory(error, attempt)
    return StorageFailed.of(error) if isinstance(error, OSError) else None


def _unexpected(error: Exception) -> KdError:
    return KdError(f"{type(error).__name__}: {first_line(error)}", code="unexpected")


def _phases(attempt: Attempt) -> Report:
    spec = attempt.spec
    attempt.emit(
        RunStarted(
            name=spec.name,
            fingerprint=spec.fingerprint,
            device=attempt.device,
            threads=attempt.threads,
        )
    )
    for advised in advice(spec):
        attempt.emit(Warned(code=advised.code, message=advised.message, hint=advised.hint))
    attempt.enter("preparing_data")
    dataset = attempt.read_data()

    attempt.enter("validating")
    brought = teaching.read(attempt)
    classes = teaching.count_classes(dataset, brought)
    Objective(spec.terms).check(classes)
    gates.check(spec, classes)
    plan = Plan.of(spec.student, classes, spec.data.image_size)
    init = _read_init(attempt)
    student = students.fresh(attempt, plan, init, spec.recipe.seed)
    if attempt.folder.record() is None:
        rehearse(student, plan, attempt.folder.scratch, "/student/architecture")
        shipping.rehearse(attempt, student, plan)
    teachers = teaching.load(attempt, brought, dataset.class_names, classes)
    lesson = teaching.lesson(attempt, teachers, dataset) if teachers else None
    _remember(
        attempt,
        {
            "data": dataset.digest,
            **{name: digest for one in brought for name, digest in one.digests.items()},
            "student.init": None if init is None else init.sha256,
        },
    )

    if spec.teacher is not None and lesson is None:
        attempt.enter("training_teacher")
        lesson = teaching.lesson(attempt, [teaching.train(attempt, dataset, classes)], dataset)

    if lesson is not None:
        comparison.with_student(attempt, lesson.teacher, student, plan)
        for teacher in lesson.teacher.members:
            choosing.teacher_precision(attempt, teacher, dataset)
    students.choose_batch_size(attempt, plan, init, dataset, lesson)
    baselines = students.baselines(attempt, plan, init, dataset) if spec.baseline else []
    if lesson is not None:
        comparison.with_baselines(attempt, lesson, baselines)
    distilled = students.distilled(attempt, plan, init, dataset, lesson)

    attempt.enter("packaging")
    packed = shipping.pack(attempt, distilled[0].network, plan, dataset)

    attempt.enter("evaluating")
    return _measure(attempt, plan, dataset, lesson, distilled, baselines, packed)


def _read_init(attempt: Attempt) -> Weights | None:
    init = attempt.spec.student.init
    return None if init == "random" else attempt.read_weights(init, "/student/init")


def _remember(attempt: Attempt, inputs: dict[str, str | None]) -> None:
    """Write down what this run stands on; a resume must find it as it was."""
    record = attempt.folder.record()
    if record is None:
        versions = {"python": platform.python_version()}
        attempt.folder.write_record(
            RunRecord(
                fingerprint=attempt.spec.fingerprint,
                spec=attempt.spec.resolved(),
                device=attempt.device,
                threads=attempt.threads,
                inputs=inputs,
                versions=versions | {name: version(name) for name in VERSIONS_OF},
            )
        )
        return
    changed = [name for name, digest in inputs.items() if record.inputs.get(name) != digest]
    if changed:
        raise WorkdirInvalid(
            f"the {' and the '.join(changed)} changed since this run began",
            hint="put back what it began with, or start again in another folder",
            file=str(attempt.folder.path),
            code="inputs_changed",
        )


def _measure(
    attempt: Attempt,
    plan: Plan,
    dataset: DataSet,
    lesson: Lesson | None,
    distilled: Sequence[Trained],
    baselines: Sequence[Trained],
    packed: shipping.Packed,
) -> Report:
    """The numbers are those of the file on disk: the student is loaded again to be tried."""
    folder = attempt.folder.artifacts / WEIGHTS
    student = timm_folder.load(folder).to(attempt.device)
    split = Batches(dataset.validation, attempt.spec.recipe.evaluation_batch, attempt.device)
    logits = answers(student, plan, split)
    teacher_answers = None if lesson is None else lesson.answers
    predictions.write(attempt.folder.predictions, dataset.validation, teacher_answers, logits)

    bench = Bench(
        dataset.validation, dataset.class_names, attempt.device, attempt.surroundings.clock
    )
    measured = bench.measures(
        student,
        plan,
        logits,
        size_bytes=timm_folder.size_bytes(folder),
        teacher_answers=teacher_answers,
        peak_bytes=packed.peak_bytes,
    )
    finished = Finished(
        plan,
        students=[student, *(trained.network for trained in distilled[1:])],
        baselines=[trained.network for trained in baselines],
        lesson=lesson,
    )
    alone = [answers(trained.network, plan, split) for trained in baselines]
    report = Report(
        name=attempt.spec.name,
        fingerprint=attempt.spec.fingerprint,
        **({"teacher": None} if lesson is None else measured_teachers(bench, lesson)),
        student=measured,
        device=attempt.device,
        chosen=attempt.chosen,
        seeds=tuple(_of_seed(trained) for trained in distilled),
        top1_over_seeds=_spread(distilled),
        **_against_labels_alone(bench, plan, split, [logits], distilled, baselines, alone),
        test=on_test(attempt, dataset, finished),
        artifacts=shipping.reports(attempt, packed, measured, dataset, logits, teacher_answers),
        diagnosis=diagnosis(
            dataset.validation,
            dataset.class_names,
            {
                "teacher": teacher_answers,
                "student": logits,
                "baseline": alone[0] if alone else None,
                **shipping.answers(packed),
            },
        ),
    )
    return _written(attempt, report)


def _written(attempt: Attempt, measured: Report) -> Report:
    """With what follows from its numbers alone; with that the run is over."""
    with_fronts = measured.model_copy(update={"fronts": fronts(measured)})
    report = gates.judged(with_fronts, attempt.spec.gates)
    attempt.folder.write_report(report)
    attempt.emit(RunSucceeded(top1=report.student.top1, verdict=report.verdict))
    return report


def _of_seed(trained: Trained) -> SeedReport:
    last, best = (
        None if at is None else EpochScore(epoch=at.epoch, top1=at.top1)
        for at in (trained.last, trained.best)
    )
    return SeedReport(seed=trained.seed, last=last, best=best)


def _spread(distilled: Sequence[Trained]) -> Spread | None:
    scores = [trained.last.top1 for trained in distilled if trained.last is not None]
    if len(scores) < 2:  # noqa: PLR2004 - one number does not spread
        return None
    return Spread(mean=statistics.fmean(scores), sd=statistics.stdev(scores))


def _against_labels_alone(
    bench: Bench,
    plan: Plan,
    split: Batches,
    of_first: list[Tensor],
    distilled: Sequence[Trained],
    baselines: Sequence[Trained],
    theirs: Sequence[Tensor],
) -> dict[str, Any]:
    """`baseline` and `kd_gain` of the report; nothing where no baseline was asked for."""
    if not baselines or split.labels is None:
        return {}
    ours = of_first + [answers(trained.network, plan, split) for trained in distilled[1:]]
    network = baselines[0].network
    return {
        "baseline": bench.measures(
            network, plan, theirs[0], size_bytes=weight_bytes(network), teacher_answers=None
        ),
        "kd_gain": gain(ours, theirs, split.labels.cpu()),
    }
