"""The document itself: teacher, student, data, loss, recipe, exports, resources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from kd_core.losses.catalog import LOSSES, LossTerm
from kd_core.losses.declaration import Needs
from kd_core.problems import closest
from kd_core.spec.export import ARTIFACTS, WEIGHTS, Export, artifact_names, with_weights
from kd_core.spec.gate import Gate, Refusal
from kd_core.spec.models import (
    AnyTeacher,
    ClassNames,
    ImageSize,
    Student,
    Teacher,
    TeacherOfSeveral,
)
from kd_core.spec.presets import find_preset
from kd_core.spec.recipe import Recipe
from kd_core.spec.recipe_and_loss import check_together, smoothed
from kd_core.spec.section import FromList, Section, misplaced
from kd_core.spec.sources import FILE, check_file

RANKING = ("list-wise ranking", "pair-wise ranking")
_MIXABLE = tuple(
    kind for kind, loss in LOSSES.items() if loss.mixed_labels or Needs.LABELS not in loss.needs
)
BUILT_IN_DATA: Mapping[str, int] = {"digits": 10}
"""Data sets that come with us, with their numbers of classes."""


def _check_data(value: str) -> str:
    if value in BUILT_IN_DATA:
        return value
    if ":" not in value:
        built_in = ", ".join(BUILT_IN_DATA)
        raise PydanticCustomError(
            "unknown_data_set",
            "there is no built-in data set {value}",
            {"value": repr(value), "hint": f"built in: {built_in}; for your own: {FILE}{value}"},
        )
    return check_file(value)


Dataset = Annotated[str, AfterValidator(_check_data)]


class Split(Section):
    validation: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Share of each class that is held out."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Decides which samples are held out."""


class DataSource(Section):
    dataset: Dataset
    """digits (scikit-learn's), or file: with a folder, .zip, .tar, .parquet or .npz (data.md)."""
    image_size: ImageSize = 32
    """Side of the square that every image is resized and cropped to, once, for both models."""
    split: Split | None = None
    """How to hold out validation samples, for data that brings no validation split."""
    class_names: ClassNames | None = None
    """Names of the classes, in the order of their indices, for data that does not name them."""
    unlabelled: bool = False
    """Use the images alone: only losses that need no label are allowed."""

    @property
    def known_classes(self) -> int | None:
        """How many there are, where the document alone tells."""
        if self.class_names is not None:
            return len(self.class_names)
        return BUILT_IN_DATA.get(self.dataset)


class Resources(Section):
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """auto: a CUDA device when there is one."""
    threads: Annotated[int, Field(ge=1, le=1024)] | None = None
    """CPU threads; chosen at the first attempt when not given, and kept by every resume."""


def _expand_loss(given: Any) -> Any:
    """A bare name is the sum that its paper trains with, a preset one that was published for a
    pair or a data set; one term may stand without its list.
    """
    if isinstance(given, str):
        if given not in LOSSES:
            near = closest(given, tuple(LOSSES))
            guess = f"did you mean {' or '.join(near)}? " if near else ""
            raise PydanticCustomError(
                "unknown_loss",
                "there is no loss {given}",
                {"given": repr(given), "hint": f"{guess}known: {', '.join(LOSSES)}"},
            )
        return tuple(dict(term) for term in LOSSES[given].paper_sum)
    if isinstance(given, Mapping) and "preset" in given:
        return _preset_terms(given)
    return (given,) if isinstance(given, Mapping) else given


def _preset_terms(given: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    beside = [key for key in given if key != "preset"]
    if beside:
        raise PydanticCustomError(
            "invalid",
            "a loss is a preset or terms of its own; beside preset stands {beside}",
            {"beside": repr(beside[0])[:100], "hint": "write its terms out to change them"},
        )
    return tuple(dict(term) for term in find_preset("loss", given["preset"]).terms)


class LossPreset(Section):
    """A published sum by its name."""

    preset: str
    """Its name; it stands alone."""


LossName = Annotated[
    str, WithJsonSchema({"title": "LossName", "type": "string", "enum": list(LOSSES)})
]


class DistillSpec(Section):
    """One distillation, from a teacher to a student on disk."""

    NOT_SCIENCE: ClassVar[frozenset[str]] = frozenset({"name", "gates"})
    """Keys that change nothing about the result, and so nothing about the fingerprint."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "distillation"
    """What people call this run; not part of its fingerprint."""
    task: Literal["classification"] = "classification"
    """What the models do: put each image into one class."""
    teacher: Teacher | None = None
    """May be left out when no term of the loss needs a teacher."""
    teachers: (
        Annotated[tuple[TeacherOfSeveral, ...], FromList, Field(min_length=2, max_length=8)] | None
    ) = None
    """Several in its place: the student learns from the weighted mean of their probabilities."""
    student: Student
    """The network that is trained and shipped."""
    data: DataSource
    """What both models look at."""
    loss: Annotated[
        tuple[LossTerm, ...],
        BeforeValidator(
            _expand_loss,
            json_schema_input_type=LossName
            | LossPreset
            | LossTerm
            | Annotated[list[LossTerm], Field(min_length=1, max_length=16)],
        ),
        FromList,
        Field(min_length=1, max_length=16),
    ]
    """A name (the sum its paper uses), {preset: name}, one term, or a list of weighted terms."""
    recipe: Recipe = Recipe()
    """How the student is trained."""
    baseline: bool = False
    """Also train the same student from the labels alone, and report what the teacher brought."""
    exports: Annotated[
        tuple[Export, ...],
        FromList,
        Field(min_length=1, max_length=len(ARTIFACTS)),
        AfterValidator(with_weights),
    ] = (Export(format=WEIGHTS),)
    """The files that the student is shipped as; safetensors is added where it is not named."""
    gates: Annotated[tuple[Gate, ...], FromList, Field(max_length=64)] = ()
    """What the numbers of the report must reach: a verdict for programs (gates.md). A gate that
    fails changes neither the run nor its files."""
    resources: Resources = Resources()
    """What the run may use of the machine."""

    @property
    def all_teachers(self) -> Mapping[str, AnyTeacher]:
        """Every teacher, by the pointer to its section."""
        if self.teacher is not None:
            return {"/teacher": self.teacher}
        several = self.teachers or ()
        return {f"/teachers/{place}": teacher for place, teacher in enumerate(several)}

    @model_validator(mode="after")
    def _one_teacher_or_several(self) -> Self:
        if self.teacher is not None and self.teachers is not None:
            raise misplaced(
                "/teachers",
                "invalid",
                "there is a teacher already",
                "drop teacher, and write it as one of teachers, or drop teachers",
            )
        return self

    @model_validator(mode="after")
    def _every_term_gets_what_it_needs(self) -> Self:
        for position, term in enumerate(self.loss):
            needs = LOSSES[term.kind].needs
            if Needs.LABELS in needs and self.data.unlabelled:
                label_free = [
                    kind for kind, loss in LOSSES.items() if Needs.LABELS not in loss.needs
                ]
                raise misplaced(
                    f"/loss/{position}/kind",
                    "loss_needs_labels",
                    f"the loss {term.kind} needs labels and data.unlabelled is true",
                    f"losses without labels: {', '.join(label_free)}",
                )
            if Needs.TEACHER_LOGITS in needs and not self.all_teachers:
                raise misplaced(
                    "/teacher",
                    "missing_key",
                    f"the loss {term.kind} needs a teacher",
                    "give teacher.checkpoint with teacher.architecture, or teacher.recipe",
                )
        return self

    @model_validator(mode="after")
    def _a_teacher_to_tune(self) -> Self:
        plain = Recipe()
        for key in ("teacher_precision", "teacher_cache"):
            if not self.all_teachers and getattr(self.recipe, key) != getattr(plain, key):
                raise misplaced(
                    f"/recipe/{key}",
                    "no_teacher",
                    f"recipe.{key} is about a teacher, and there is none",
                    f"drop {key}, or give a teacher",
                )
        return self

    @model_validator(mode="after")
    def _a_graph_has_its_own_numbers(self) -> Self:
        graphs = [pointer for pointer, at in self.all_teachers.items() if at.is_graph]
        if graphs and self.recipe.teacher_precision in ("bf16", "int8"):
            raise misplaced(
                "/recipe/teacher_precision",
                "only_for_weights",
                f"{graphs[0].strip('/').replace('/', '.')} is an ONNX graph, which answers in the "
                "numbers that it was exported in",
                "take fp32 or auto, which leave it as it is",
            )
        return self

    @model_validator(mode="after")
    def _ranks_are_kept_on_disk(self) -> Self:
        cache = self.recipe.teacher_cache
        ranks = [term.kind for term in self.loss if LOSSES[term.kind].family in RANKING]
        if cache is not None and cache.rows == "uint8" and ranks:
            raise misplaced(
                "/recipe/teacher_cache/rows",
                "ranks_would_be_lost",
                f"the loss {ranks[0]} follows the order of the teacher's answers, which 256 levels "
                "do not keep",
                "take rows: fp16",
            )
        return self

    @model_validator(mode="after")
    def _no_hard_labels_from_mixed_images(self) -> Self:
        for position, term in enumerate(self.loss if self.recipe.mix is not None else ()):
            spec = LOSSES[term.kind]
            if Needs.LABELS in spec.needs and not spec.mixed_labels:
                raise misplaced(
                    f"/loss/{position}/kind",
                    "loss_needs_hard_labels",
                    f"the loss {term.kind} needs one class for each sample, and recipe.mix shares "
                    "a sample between two",
                    f"drop recipe.mix, or take losses that go with it: {', '.join(_MIXABLE)}",
                )
        return self

    @model_validator(mode="after")
    def _every_term_goes_with_the_number_of_classes(self) -> Self:
        classes = self.data.known_classes
        for position, term in enumerate(self.loss if classes is not None else ()):
            refusal = term.refusal(classes or 0)
            if refusal is not None:
                raise misplaced(
                    f"/loss/{position}/{refusal.parameter}",
                    refusal.code,
                    refusal.message,
                    refusal.hint,
                )
        return self

    @model_validator(mode="after")
    def _labels_where_they_are_needed(self) -> Self:
        if self.data.unlabelled and self.teacher is not None and self.teacher.recipe is not None:
            raise misplaced(
                "/teacher/recipe",
                "loss_needs_labels",
                "a teacher cannot be trained on unlabelled data",
                "give teacher.checkpoint",
            )
        for pointer, teacher in self.all_teachers.items():
            if self.data.unlabelled and teacher.min_top1 is not None:
                raise misplaced(
                    f"{pointer}/min_top1",
                    "loss_needs_labels",
                    "accuracy cannot be measured on unlabelled data",
                    "drop min_top1",
                )
        if self.data.unlabelled and self.baseline:
            raise misplaced(
                "/baseline",
                "loss_needs_labels",
                "a baseline learns from labels and data.unlabelled is true",
                "drop baseline",
            )
        return self

    @model_validator(mode="after")
    def _recipe_goes_with_the_loss(self) -> Self:
        check_together(self.loss, self.recipe, baseline=self.baseline)
        return self

    @property
    def terms(self) -> tuple[LossTerm, ...]:
        """The loss, with the recipe's label_smoothing in it."""
        return smoothed(self.loss, self.recipe.label_smoothing)

    @model_validator(mode="after")
    def _every_gate_can_be_decided(self) -> Self:
        for position, gate in enumerate(self.gates):
            no = self.gate_refusal(gate, self.data.known_classes)
            if no is not None:
                raise misplaced(f"/gates/{position}/{no.key}", no.code, no.message, no.hint)
        return self

    def gate_refusal(self, gate: Gate, classes: int | None) -> Refusal | None:
        return gate.refusal(
            self.measured_models, labelled=not self.data.unlabelled, classes=classes
        )

    @property
    def measured_models(self) -> tuple[str, ...]:
        """What the report has numbers of, by the names that a gate's `of` knows."""
        asked = {"teacher": bool(self.all_teachers), "baseline": self.baseline}
        trained = [name for name, is_there in asked.items() if is_there]
        return ("student", *trained, *artifact_names(self.exports))

    def resolved(self) -> dict[str, Any]:
        """The document with every default written out."""
        return self.model_dump(mode="json", exclude_none=True)

    def canonical_json(self) -> str:
        """One spelling for one meaning: sorted keys, no spaces, every default written out."""
        return json.dumps(self.resolved(), sort_keys=True, separators=(",", ":"))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical form of the science alone: the same for the same science."""
        science = {
            key: value for key, value in self.resolved().items() if key not in self.NOT_SCIENCE
        }
        text = json.dumps(science, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
