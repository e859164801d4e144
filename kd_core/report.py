"""The report: what the teacher and the student are worth and what they cost. torch-free to read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from kd_core.diagnosis import Diagnosis, Front
from kd_core.part import Part

MEGABYTE = 10**6
TOP5_CLASSES = 6
"""With five classes or fewer, top-5 is always right and says nothing."""
Verdict = Literal["passed", "failed", "not_evaluated"]


@dataclass(frozen=True)
class Trait:
    """What a gate must know of a number; of one without a trait, that it is 0 or more."""

    highest: float = math.inf
    labels: bool = False
    """Only labelled data has it."""
    teacher: bool = False
    """It compares a model with the teacher."""
    files: bool = False
    """Only a file that was made of the student has it: it compares that with the student."""
    shipped: bool = False
    """Only the student has it, and what is made of it."""
    least_classes: int = 2


LEAST_AGREEMENT = 0.8
"""With the student in float32: nobody would take what answers otherwise more often for it."""
OF_LABELS = Trait(highest=1, labels=True)
OF_SHIPPED = Trait(shipped=True)


class Measured(Part):
    """How the numbers beside it were taken."""

    batch: int
    """Of latencies."""
    throughput_batch: int
    threads: int
    repeats: int
    samples: int
    runtime: str | None = None
    """What ran the model, on the CPU; absent where it was PyTorch on the run's own device."""


class ClassMeasure(Part):
    name: str
    samples: int
    recall: float
    precision: float | None = None
    f1: float


class Worth(Part):
    """How a model answers to the samples of a split; fractions are 0 to 1.

    What was not measured is absent, never 0.
    """

    top1: Annotated[float | None, OF_LABELS] = None
    top5: Annotated[float | None, Trait(highest=1, labels=True, least_classes=TOP5_CLASSES)] = None
    macro_f1: Annotated[float | None, OF_LABELS] = None
    ece: Annotated[float | None, OF_LABELS] = None
    agreement_teacher: Annotated[float | None, Trait(highest=1, teacher=True)] = None
    per_class: tuple[ClassMeasure, ...] | None = None


class Measures(Worth):
    """Flat numbers about one model: also what it costs. A megabyte is 10^6 bytes."""

    parameters: int | None = None
    macs: int | None = None
    """Neither is known of an ONNX graph."""
    size_mb: float
    latency_ms_p50: float
    latency_ms_p95: float
    images_per_s: float
    peak_mb: Annotated[float | None, OF_SHIPPED] = None
    """What a process holds at the most that does nothing but load it and answer on the CPU, with
    the library that it needs for that.
    """
    measured: Measured


class TeacherReport(Measures):
    """One of several teachers, by itself."""

    architecture: str
    share: float
    """Of the mean that the student learns from."""
    check: TeacherCheck | None = None


class ShippedFile(Part):
    path: Annotated[str, Field(pattern=r"^[a-z0-9_]+/[A-Za-z0-9_.-]+$")]
    """Within the folder artifacts of the run."""
    sha256: str
    bytes: int


class Undecided(Part):
    """A sample that a file answers otherwise than PyTorch, because two classes are as good."""

    sample: str
    margin: float
    """Between the two, in PyTorch's logits."""


class Parity(Part):
    """How far a file's logits are from PyTorch's, on validation images."""

    samples: int
    batches: tuple[int, ...]
    """The sizes of batches that were tried."""
    max_difference: float
    allowed: float
    """1e-3 of the logits' standard deviation."""
    undecided: tuple[Undecided, ...] = ()


class Int8Try(Part):
    """One way to make int8 of float32, as validation images saw it."""

    calibration: Literal["minmax", "percentile", "entropy"]
    """How the range of each tensor was found."""
    operators: Literal["all", "products", "weights"]
    """What is in int8: all operators that can be, products alone, or those that have weights."""
    per_channel: bool
    """Whether each output channel of a product has a scale of its own."""
    ends_in_float: bool
    """Whether the first and the last product with weights stayed in float32."""
    reason: str | None = None
    """Why there was no such file; then there are no numbers."""
    top1: float | None = None
    agreement_student: float | None = None
    size_mb: float | None = None
    latency_ms_p50: float | None = None


class Int8Grid(Part):
    """All that was tried, and what was kept."""

    samples: int
    """Of the validation split, spread over it."""
    calibrated_on: int
    """Training images."""
    tries: tuple[Int8Try, ...]
    kept: int
    """Its place among the tries, from 0."""
    why: str
    onnx_mb: float
    """Of the float32 graph that all were made of."""

    @property
    def best(self) -> Int8Try:
        return self.tries[self.kept]

    @property
    def has_collapsed(self) -> bool:
        return (self.best.agreement_student or 0) < LEAST_AGREEMENT


class AgainstOnnx(Part):
    """A file in int8 beside the float32 graph that it was made of."""

    size_ratio: float
    top1_lost: float | None = None
    """The student's top-1 less its own; absent on unlabelled data."""


class ArtifactReport(Worth):
    """A file that a user ships. One that could not be made has its reason, and no numbers."""

    name: str
    format: str
    status: Literal["ready", "failed"]
    reason: str | None = None
    sha256: str | None = None
    files: tuple[ShippedFile, ...] = ()
    """What belongs together; the first is what `sha256` and `size_mb` are of."""
    parity: Parity | None = None
    """Of what is not loaded by timm and keeps the student's float32."""
    agreement_student: Annotated[float | None, Trait(highest=1, files=True)] = None
    """The share of samples on which it answers as the student does; absent of what timm
    loads, which is the student.
    """
    grid: Int8Grid | None = None
    against_onnx: AgainstOnnx | None = None
    """Both of onnx_int8 alone."""
    parameters: int | None = None
    macs: int | None = None
    size_mb: float | None = None
    latency_ms_p50: float | None = None
    latency_ms_p95: float | None = None
    images_per_s: float | None = None
    peak_mb: Annotated[float | None, OF_SHIPPED] = None
    measured: Measured | None = None


class EpochScore(Part):
    epoch: int
    """Counted from 1."""
    top1: float


class SeedReport(Part):
    """A student of one seed, as the validation split saw it during training."""

    seed: int
    last: EpochScore | None = None
    """After the last epoch: what is shipped, of the first seed."""
    best: EpochScore | None = None
    """At its best epoch: what stopping there would have looked like on this very split."""


class Spread(Part):
    """Over the students of several seeds."""

    mean: float
    sd: float
    """Of the sample: divided by one less than there are seeds."""


class Gain(Part):
    """Top-1 of the distilled student less that of the same student on labels alone."""

    top1: float
    low: float
    high: float
    """The 95 % interval reaches from low to high."""
    over: Literal["seeds", "samples"]
    """What the interval allows for: luck in training, or in who is in the validation split."""


class SeedScore(Part):
    seed: int
    top1: float


class OnTest(Part):
    """On the test split, which nothing was chosen by: looked at once, when the run was over."""

    samples: int
    teacher: Worth | None = None
    student: Worth
    baseline: Worth | None = None
    seeds: tuple[SeedScore, ...] = ()
    """Students of all seeds after their last epoch; absent on unlabelled data."""
    top1_over_seeds: Spread | None = None
    kd_gain: Gain | None = None


class Finding(Part):
    """What is wrong, and the way out."""

    code: str
    message: str
    hint: str
    pointer: str
    """Into the specification."""


class TeacherCheck(Part):
    """What the teacher was worth before anybody learnt from it."""

    top1: float | None = None
    floor: float | None = None
    """What it had to reach; as `top1`, absent on unlabelled data."""
    samples: int
    finding: Finding | None = None
    """Why it was unfit, where teacher.force let it teach."""


class GateResult(Part):
    """A gate of the specification, and what the report says to it."""

    metric: str
    op: str
    value: float
    of: str
    measured: float | None = None
    passed: bool
    reason: str | None = None
    """Why there is no number; such a gate has failed."""


class Report(Part):
    """report.json."""

    schema_version: Literal[1] = 1
    name: str
    fingerprint: str
    teacher: Measures | None
    """Of several, all together: they answer one after the other, so what they cost is added up."""
    teachers: tuple[TeacherReport, ...] = ()
    """Each of several."""
    teacher_check: TeacherCheck | None = None
    """Of several, all together."""
    student: Measures
    device: str | None = None
    """That the run computed on: cpu, cuda. Artifacts with a `measured.runtime` ran on the CPU."""
    chosen: dict[str, str] = Field(default_factory=dict)
    """What `auto` came to mean: amp, teacher_precision; the digest of an int8 teacher; where the
    teacher's recorded answers came from.
    """
    seeds: tuple[SeedReport, ...] = ()
    top1_over_seeds: Spread | None = None
    baseline: Measures | None = None
    kd_gain: Gain | None = None
    test: OnTest | None = None
    """Absent where the data brings no test split."""
    artifacts: tuple[ArtifactReport, ...]
    diagnosis: Diagnosis | None = None
    fronts: tuple[Front, ...] = ()
    """Worth against size, and against time."""
    gates: tuple[GateResult, ...] = ()
    verdict: Verdict = "not_evaluated"
    """Of all gates together; not_evaluated where there are none."""

    def as_json(self) -> dict[str, Any]:
        """What is written to disk: numbers that were not measured are left out."""
        keep_null = {"teacher": None, "baseline": None, "kd_gain": None}
        document = self.model_dump(mode="json", exclude_none=True)
        schema = document.pop("schema_version")
        return {"schema": schema, **keep_null, **document}

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Report:
        values = dict(document)
        return cls.model_validate({"schema_version": values.pop("schema"), **values})
