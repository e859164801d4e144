"""How a model is trained: optimiser, schedule, length, averaging. Defaults are the preset
`default`; every other preset is a YAML file of differences from it, with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from kd_core.spec.augment import Augment, NoAugment
from kd_core.spec.optimization import Cosine, Epochs, Fraction, Optimizer, Schedule, Sgd, Step
from kd_core.spec.presets import find_preset
from kd_core.spec.section import FromList, Section

EVALUATED_AT_ONCE = 64  # where batch_size does not say it


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


class EarlyStopping(Section):
    patience: Annotated[int, Field(ge=1, le=10_000)]
    """Epochs in a row that may pass without a better one."""
    min_delta: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """By how much accuracy (0-1) must rise to be better."""


class Recipe(Section):
    preset: str = "default"
    """Where the values come from that are not written here."""
    epochs: Epochs = 60
    """Passes over the training split."""
    batch_size: Annotated[int, Field(ge=2, le=1_000_000)] | Literal["auto"] = 128
    """Samples that go through the networks at once; batch normalisation needs at least two. auto:
    as many as fit well and are worth it here, tried at the first attempt and kept by every resume;
    when memory runs out all the same, half as many and twice the accumulate, once. The learning
    rate stays as it is written."""
    accumulate: Annotated[int, Field(ge=1, le=1024)] = 1
    """Batches that make one step: their gradients are averaged, in the memory of one. Statistics of
    batch normalisation stay those of one batch."""
    optimizer: Optimizer = Sgd(kind="sgd")
    """What turns gradients into steps."""
    schedule: Schedule = Cosine(kind="cosine")
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
    label_smoothing: Fraction = 0.0
    """Share of each label that is spread over all classes: in every ce term that has no
    label_smoothing of its own, in a teacher that is trained here, and in a baseline."""
    early_stopping: EarlyStopping | None = None
    """End training when validation accuracy (on unlabelled data, agreement with the teacher) has
    stopped rising. The weights of the last epoch are what is shipped, as without it."""
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
    def samples_per_step(self) -> int:
        if self.batch_size == "auto":
            raise ValueError("batch_size: auto has not been settled yet")
        return self.batch_size * self.accumulate

    @property
    def evaluation_batch(self) -> int:
        """Samples that are answered at once where nothing is learnt."""
        return EVALUATED_AT_ONCE if self.batch_size == "auto" else self.batch_size

    @property
    def schedule_epochs(self) -> int:
        """Over how many epochs the schedule runs; training may be shorter or longer."""
        return self.schedule.epochs or self.epochs

    @property
    def recorded_views(self) -> int | Literal["all"] | None:
        """Of each sample; those that are drawn are of an epoch each."""
        cache = self.teacher_cache
        if cache is None or cache.views == "all":
            return None if cache is None else "all"
        return min(cache.views, self.epochs)

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
        epochs = min(self.epochs, self.schedule_epochs)
        if self.schedule.warmup_epochs >= epochs:
            raise PydanticCustomError(
                "invalid",
                "the warm-up of {warmup} epochs leaves nothing of {epochs} epochs",
                {
                    "warmup": self.schedule.warmup_epochs,
                    "epochs": epochs,
                    "hint": "lower schedule.warmup_epochs or raise epochs",
                },
            )
        if isinstance(self.schedule, Step) and self.schedule.milestones[-1] >= epochs:
            raise PydanticCustomError(
                "invalid",
                "the milestone {milestone} is never reached in {epochs} epochs",
                {
                    "milestone": self.schedule.milestones[-1],
                    "epochs": epochs,
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
