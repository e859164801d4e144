"""How a model is trained: optimiser, schedule, length, averaging. Defaults are the preset
`default`; every other preset is a YAML file of differences from it, with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from kd_core.spec.augment import Augment, NoAugment
from kd_core.spec.presets import find_preset
from kd_core.spec.section import FromList, Section

LearningRate = Annotated[float, Field(gt=0, le=100)]
Fraction = Annotated[float, Field(ge=0, lt=1)]


class Sgd(Section):
    kind: Literal["sgd"]
    lr: LearningRate = 0.05
    """Learning rate before the schedule."""
    momentum: Fraction = 0.9
    """How much of the last step is kept."""
    nesterov: bool = False
    """Look ahead along the momentum; needs momentum above 0."""
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 5e-4
    """L2 penalty, on every parameter, as the papers' code has it."""

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise PydanticCustomError(
                "invalid", "nesterov needs momentum above 0", {"hint": "set momentum, or drop it"}
            )
        return self


class AdamW(Section):
    kind: Literal["adamw"]
    lr: LearningRate = 1e-3
    """Learning rate before the schedule."""
    beta1: Fraction = 0.9
    """Decay of the mean of the gradients."""
    beta2: Fraction = 0.999
    """Decay of the mean of their squares."""
    eps: Annotated[float, Field(gt=0, le=1)] = 1e-8
    """Added to the denominator."""
    weight_decay: Annotated[float, Field(ge=0, le=10)] = 0.01
    """Decoupled weight decay, on every parameter."""


class Cosine(Section):
    kind: Literal["cosine"]
    warmup_epochs: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Epochs in which the rate climbs in a straight line to its full value."""
    final_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    """What is left of the learning rate at the very end."""


class Step(Section):
    kind: Literal["step"]
    warmup_epochs: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Epochs in which the rate climbs in a straight line to its full value."""
    milestones: Annotated[
        tuple[Annotated[int, Field(ge=1)], ...], FromList, Field(min_length=1, max_length=100)
    ]
    """Epochs after which the rate is multiplied by gamma, ascending."""
    gamma: Annotated[float, Field(gt=0, lt=1)] = 0.1
    """The factor at each milestone."""

    @model_validator(mode="after")
    def _milestones_ascend(self) -> Self:
        if list(self.milestones) != sorted(set(self.milestones)):
            raise PydanticCustomError(
                "invalid",
                "milestones must ascend and not repeat; got {milestones}",
                {"milestones": list(self.milestones), "hint": "for example [30, 60, 90]"},
            )
        return self


class Mix(Section):
    kind: Literal["mixup", "cutmix"]
    """mixup: two images shine through each other; cutmix: a piece of one is pasted into another."""
    alpha: Annotated[float, Field(gt=0, le=100)] = 1.0
    """Of the Beta distribution that the share is drawn from; below 1, most images stay whole."""


class TeacherCache(Section):
    views: Annotated[int, Field(ge=1, le=1000)] | Literal["all"] = "all"
    """Views of each sample that are recorded, and then repeat, one an epoch. all: every view that
    there is, where they can be counted (augment: none or a plain flip_crop, without mix); training
    then sees the same images as without a cache."""
    rows: Literal["fp32", "fp16", "uint8"] = "fp16"
    """How an answer is kept: 4, 2 or 1 byte for a class. Never fewer classes than there are."""


class Recipe(Section):
    preset: str = "default"
    """Where the values come from that are not written here."""
    epochs: Annotated[int, Field(ge=1, le=100_000)] = 60
    """Passes over the training split."""
    batch_size: Annotated[int, Field(ge=2, le=1_000_000)] = 128
    """Samples in a step; batch normalisation needs at least two."""
    optimizer: Annotated[Sgd | AdamW, Field(discriminator="kind")] = Sgd(kind="sgd")
    """What turns gradients into steps."""
    schedule: Annotated[Cosine | Step, Field(discriminator="kind")] = Cosine(kind="cosine")
    """How the learning rate changes over the run."""
    augment: Augment = NoAugment(kind="none")
    """How each training image is changed before it is seen."""
    mix: Mix | None = None
    """Mix the images of a batch with each other; their labels are shared out accordingly."""
    term_gradients: bool = False
    """Also record how hard each term of the loss pulls at the logits: train/term_grad/..."""
    amp: Literal["auto", "fp32", "bf16"] = "fp32"
    """Numbers that the student computes in; its weights stay float32. auto: whichever is faster
    here, tried over a few steps at the first attempt and kept by every resume."""
    teacher_precision: Literal["auto", "fp32", "bf16", "int8"] = "fp32"
    """Numbers that the teacher answers in; int8 runs on the CPU, in onnxruntime. It is held against
    itself in float32 on the validation split; auto takes the fastest that holds, a precision asked
    for by name must hold."""
    teacher_cache: TeacherCache | None = None
    """Ask the teacher once for each view of a sample, and keep its answers on disk."""
    ema: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Decay of an exponential moving average of the weights. When set, the average is what is
    evaluated and exported."""
    clip: Annotated[float, Field(gt=0)] | None = None
    """Largest norm of the whole gradient; a longer one is scaled down to it."""
    seeds: Annotated[
        tuple[Annotated[int, Field(ge=0, lt=2**63)], ...],
        FromList,
        Field(min_length=1, max_length=16),
    ] = (0,)
    """Seeds of initialisation, order and dropout. Each trains a student of its own; the first is
    the one that is shipped, all of them tell the spread."""
    checkpoint_every_s: Annotated[float, Field(ge=0, le=86_400)] = 60.0
    """Seconds of training that a crash may cost; 0 writes a checkpoint after every step."""

    @property
    def seed(self) -> int:
        return self.seeds[0]

    def with_seed(self, seed: int) -> Recipe:
        """The same recipe, of one of its seeds alone."""
        return self.model_copy(update={"seeds": (seed,)})

    @field_validator("seeds")
    @classmethod
    def _seeds_differ(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        twice = next((seed for seed in seeds if seeds.count(seed) > 1), None)
        if twice is not None:
            raise PydanticCustomError(
                "invalid",
                "the seed {seed} stands twice; it would train the same student again",
                {"seed": twice, "hint": "write each seed once, for example [0, 1, 2]"},
            )
        return seeds

    @model_validator(mode="before")
    @classmethod
    def _under_the_preset(cls, given: Any) -> Any:
        """Fill in what the preset says and the document does not."""
        if not isinstance(given, Mapping):
            return given
        name = given.get("preset", "default")
        chosen, plain = find_preset("recipe", name), find_preset("recipe", "default")
        return _merged(_merged(plain.values, chosen.values), given)

    @model_validator(mode="after")
    def _all_views_can_be_counted(self) -> Self:
        if self.teacher_cache is None or self.teacher_cache.views != "all":
            return self
        if self.mix is not None or not self.augment.is_countable:
            raise PydanticCustomError(
                "views_without_end",
                "the views of a sample cannot be counted under this augment and mix",
                {
                    "hint": "record a number of them that repeat: teacher_cache: {views: 8}",
                    "pointer": "/teacher_cache/views",
                },
            )
        return self

    @model_validator(mode="after")
    def _schedule_fits_the_epochs(self) -> Self:
        if self.schedule.warmup_epochs >= self.epochs:
            raise PydanticCustomError(
                "invalid",
                "the warm-up of {warmup} epochs leaves nothing of {epochs} epochs",
                {
                    "warmup": self.schedule.warmup_epochs,
                    "epochs": self.epochs,
                    "hint": "lower schedule.warmup_epochs or raise epochs",
                },
            )
        if isinstance(self.schedule, Step) and self.schedule.milestones[-1] >= self.epochs:
            raise PydanticCustomError(
                "invalid",
                "the milestone {milestone} is never reached in {epochs} epochs",
                {
                    "milestone": self.schedule.milestones[-1],
                    "epochs": self.epochs,
                    "hint": "lower schedule.milestones or raise epochs",
                },
            )
        return self


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`; a nested mapping of the same kind, or of none, is merged key by key."""
    merged = {**below, **above}
    for key, value in above.items():
        base = below.get(key)
        if isinstance(value, Mapping) and isinstance(base, Mapping):
            same_kind = value.get("kind", base.get("kind")) == base.get("kind")
            merged[key] = {**base, **value} if same_kind else value
    return merged
