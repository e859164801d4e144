"""The sections about networks: the teacher and the student."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kd_core.architectures import check_architecture
from kd_core.problems import shown
from kd_core.spec.recipe import Recipe
from kd_core.spec.section import FromList, Section, misplaced
from kd_core.spec.sources import check_file, check_weights

GRAPH_FILE = ".onnx"
WEIGHT_FILES = (".safetensors", ".pt", ".pth", ".ckpt", ".bin")
MOST_CLASSES = 100_000


def is_graph_file(name: str) -> bool:
    """Whether a file is an ONNX graph, by its name."""
    return name.casefold().endswith(GRAPH_FILE)


def _check_init(value: str) -> str:
    return value if value == "random" else check_file(value)


Architecture = Annotated[
    str,
    AfterValidator(check_architecture),
    Field(
        description="A timm architecture, without tag, or a CIFAR network of the papers, such as "
        "resnet32x4, wrn_40_2 or vgg13_cifar."
    ),
]
Checkpoint = Annotated[str, AfterValidator(check_weights)]
Init = Annotated[str, AfterValidator(_check_init)]
Channel = Annotated[float, Field(ge=-10, le=10)]
PerChannel = Annotated[tuple[Channel, Channel, Channel], FromList]
Deviation = Annotated[float, Field(gt=0, le=10)]
DeviationPerChannel = Annotated[tuple[Deviation, Deviation, Deviation], FromList]


ImageSize = Annotated[int, Field(ge=8, le=1024)]
ClassName = Annotated[str, Field(min_length=1, max_length=200)]
ClassNames = Annotated[
    tuple[ClassName, ...], FromList, Field(min_length=2, max_length=MOST_CLASSES)
]


class Model(Section):
    """What teacher and student have in common."""

    architecture: Architecture | None = None
    mean: PerChannel | None = None
    """Subtracted from each channel (0-1); the architecture's own when not given."""
    std: DeviationPerChannel | None = None
    """Divides each channel; the architecture's own when not given."""
    image_size: ImageSize | None = None
    """Side of the images that this model sees, resized from the one decoded image; data.image_size
    when not given. A larger side sees no more: to see finer detail, raise data.image_size.
    """


class Network(Model):
    """A model that can be made: its architecture is known."""

    architecture: Architecture


class AnyTeacher(Model):
    """A teacher, alone or one of several."""

    architecture: Architecture | None = None
    """A timm architecture, without tag, or a CIFAR network of the papers; a checkpoint that is a
    folder for timm says it itself, and an ONNX graph is one.
    """
    checkpoint: Checkpoint | None = None
    """Trained weights: file:model.safetensors, a .pt file, which is converted in a sandbox, or a
    folder for timm with config.json and model.safetensors; or a whole network, an .onnx file that
    takes float32 [images, 3, side, side] and answers with logits. It needs mean and std beside it.
    """
    class_names: ClassNames | None = None
    """The teacher's classes in the order of its answers; the folder's own when not given. Where
    they are known, they are matched with the data's by name, in whatever order they stand.
    """
    class_map: Annotated[dict[ClassName, ClassName], Field(max_length=MOST_CLASSES)] | None = None
    """Classes that teacher and data call by different names: {data's: teacher's}; the others are
    matched by their own. Classes that only the teacher has are then left out.
    """
    min_top1: Annotated[float, Field(gt=0, le=1)] | None = None
    """The least accuracy on the validation split; below it the job fails before training."""
    force: bool = False
    """Go on with a teacher that failed its check."""

    @model_validator(mode="after")
    def _each_class_once(self) -> Self:
        counts = Counter(self.class_names or ())
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise misplaced(
                "/class_names",
                "class_names_repeat",
                f"the class {shown(twice[0])} stands twice",
                "give each class its own name",
            )
        return self

    @property
    def is_graph(self) -> bool:
        """Whether its checkpoint is an ONNX graph, by its name."""
        return is_graph_file(self.checkpoint or "")

    @model_validator(mode="after")
    def _a_graph_is_its_own_architecture(self) -> Self:
        if self.is_graph and self.architecture is not None:
            raise misplaced(
                "/architecture",
                "only_for_weights",
                "an ONNX graph is a whole network; architecture is for weights",
                "drop architecture",
            )
        for key, plain in (("mean", "[0, 0, 0]"), ("std", "[1, 1, 1]")):
            if self.is_graph and getattr(self, key) is None:
                raise misplaced(
                    f"/{key}",
                    "missing_key",
                    "an ONNX graph does not tell how its images are to be scaled",
                    f"give the {key} of its training; {plain} where it takes values from 0 to 1 as "
                    "they are",
                )
        return self

    @model_validator(mode="after")
    def _weights_alone_do_not_tell_what_they_are_of(self) -> Self:
        source = (self.checkpoint or "").casefold()
        if self.architecture is None and source.endswith(WEIGHT_FILES):
            raise misplaced(
                "/architecture",
                "missing_key",
                "weights do not tell which architecture they are of",
                "name the architecture, or the folder that holds the weights with a config.json",
            )
        return self


class Teacher(AnyTeacher):
    recipe: Recipe | None = None
    """No checkpoint yet: train this teacher first, on the same data, by this recipe."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.checkpoint is None) == (self.recipe is None):
            raise PydanticCustomError(
                "invalid",
                "a teacher needs its weights from one place: checkpoint or recipe",
                {"hint": "checkpoint: file:teacher.safetensors, or recipe: {preset: quick}"},
            )
        return self

    @model_validator(mode="after")
    def _what_is_trained_here_is_known(self) -> Self:
        if self.recipe is None:
            return self
        if self.architecture is None:
            raise misplaced(
                "/architecture",
                "missing_key",
                "a teacher that is trained first needs an architecture",
                "name one of timm's, such as resnet18",
            )
        for key in ("class_names", "class_map"):
            if getattr(self, key) is not None:
                raise misplaced(
                    f"/{key}",
                    "only_for_checkpoints",
                    f"{key} is for a teacher with a checkpoint; one that is trained here has the "
                    "data's classes",
                    f"drop {key}",
                )
        return self

    @model_validator(mode="after")
    def _nothing_that_only_a_student_has(self) -> Self:
        """A teacher is trained once, in float32, from labels."""
        recipe, plain = self.recipe, Recipe()
        for key in ("amp", "teacher_precision", "teacher_cache"):
            if recipe is not None and getattr(recipe, key) != getattr(plain, key):
                raise misplaced(
                    f"/recipe/{key}",
                    "only_for_students",
                    f"{key} is for the recipe of a student",
                    f"write recipe.{key}, beside the teacher",
                )
        if recipe is not None and len(recipe.seeds) > 1:
            raise misplaced(
                "/recipe/seeds",
                "only_for_students",
                "a teacher is trained with one seed",
                "write one; recipe.seeds, beside the teacher, may have several",
            )
        return self


class TeacherOfSeveral(AnyTeacher):
    checkpoint: Checkpoint
    """Trained weights or an ONNX graph, as for a teacher that is alone."""
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """Its share of the mean, beside the weights of the others; they need not add up to 1."""

    @model_validator(mode="before")
    @classmethod
    def _trained_already(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "recipe" in given:
            raise misplaced(
                "/recipe",
                "only_for_one_teacher",
                "one of several teachers is not trained here",
                "train each in a run of its own, and give what it leaves as its checkpoint",
            )
        return given


class Student(Network):
    init: Init = "random"
    """random, or the weights to start from: file:model.safetensors."""
