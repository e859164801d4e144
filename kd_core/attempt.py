"""One attempt at a run: what it was given, where it stands, and the two things every phase does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kd_core import data
from kd_core.errors import Stopped, printable
from kd_core.events import Phase, PhaseChanged, Warned
from kd_core.models.weights import Weights, read_weights
from kd_core.spec.sources import FILE
from kd_core.training.batches import Batches
from kd_core.training.checkpoints import CheckpointFolder
from kd_core.training.reproducible import available_threads, choose_device
from kd_core.training.steps import Learner
from kd_core.training.trainer import Trainer
from kd_core.training.trial import Trial

if TYPE_CHECKING:
    from pathlib import Path

    from kd_core.data import DecodedStore
    from kd_core.data.dataset import DataSet
    from kd_core.spec import DistillSpec
    from kd_core.spec.recipe import Recipe
    from kd_core.training.surroundings import Surroundings
    from kd_core.training.trial import Trained
    from kd_core.workdir import Workdir


class Attempt:
    """Device and threads are those of the first attempt: other ones would end in other bits."""

    def __init__(
        self,
        spec: DistillSpec,
        base: Path,
        folder: Workdir,
        surroundings: Surroundings,
        *,
        decoded: DecodedStore,
        allow_torch_checkpoints: bool,
        shared_recordings: Path | None = None,
    ) -> None:
        record = folder.record()
        self.spec = spec
        self.base = base
        self.folder = folder
        self.surroundings = surroundings
        self.emit = surroundings.emit
        self.decoded = decoded
        self.allow_torch_checkpoints = allow_torch_checkpoints
        self.shared_recordings = shared_recordings
        self.device = choose_device(record.device if record else spec.resources.device)
        self.threads = record.threads if record else spec.resources.threads or available_threads()
        self.phase: Phase = "validating"

    @property
    def chosen(self) -> dict[str, str]:
        """What `auto` came to mean in this run."""
        record = self.folder.record()
        return {} if record is None else record.chosen

    def settled(self, recipe: Recipe, of: str = "") -> Recipe:
        """A recipe with the sizes that `auto` came to mean; `of`: "teacher." for a teacher's."""
        sizes = {name: self.chosen.get(f"{of}{name}") for name in ("batch_size", "accumulate")}
        known = {name: int(value) for name, value in sizes.items() if value is not None}
        return recipe.model_copy(update=known)

    @property
    def recipe_in_use(self) -> Recipe:
        """Of the phase that the attempt is in, as far as it is settled."""
        teacher = self.spec.teacher
        if self.phase == "training_teacher" and teacher is not None and teacher.recipe is not None:
            return self.settled(teacher.recipe, "teacher.")
        return self.settled(self.spec.recipe)

    def enter(self, phase: Phase) -> None:
        if self.surroundings.should_stop():
            raise Stopped(
                f"stopped before the phase {phase}",
                hint="run the same command with --resume to go on",
            )
        self.phase = phase
        self.emit(PhaseChanged(phase=phase))

    def read_data(self) -> DataSet:
        dataset = data.read(self.spec.data, self.base, store=self.decoded)
        for warning in dataset.warnings:
            self.emit(Warned(code="data", message=warning))
        return dataset

    def path(self, source: str) -> Path:
        """Of a `file:` source."""
        return self.base / source.removeprefix(FILE)

    def read_weights(self, source: str, pointer: str) -> Weights:
        path = self.path(source)
        weights = read_weights(
            path,
            pointer=pointer,
            scratch=self.folder.scratch,
            allow_torch=self.allow_torch_checkpoints,
        )
        if weights.unwrapping:
            message = f"the weights in {printable(path.name)} were {weights.unwrapping}"
            hint = "to use others, save them alone, under the network's own names"
            self.emit(Warned(code="checkpoint_unwrapped", message=message, hint=hint))
        return weights

    def view_seed(self, recipe: Recipe) -> int:
        """Students of several seeds see the same views where the teacher's answers are recorded."""
        return recipe.seed if recipe.teacher_cache is None else self.spec.recipe.seed

    def train(
        self, learner: Learner, dataset: DataSet, *, number: int = 0, count: int = 1
    ) -> Trained:
        """Train in the phase that the attempt is in, as trial `number` of `count`."""
        learner.to(self.device)
        recipe = learner.recipe
        trial = Trial(self.phase, recipe.seed, number, count, view_seed=self.view_seed(recipe))
        trainer = Trainer(
            learner,
            train=Batches(dataset.train, recipe.samples_per_step, self.device),
            validation=Batches(dataset.validation, recipe.evaluation_batch, self.device),
            checkpoints=CheckpointFolder(self.folder.checkpoints / trial.folder),
            trial=trial,
            surroundings=self.surroundings,
        )
        return trainer.run()
