"""Training from the first step to the last: stoppable between any two, resumable to the bit."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from kd_core import memory
from kd_core.errors import Stopped
from kd_core.events import CheckpointSaved, Progress, RunResumed, Warned
from kd_core.report import MEGABYTE
from kd_core.training.balance import Balance
from kd_core.training.evaluation import evaluate
from kd_core.training.optimizer import learning_rate
from kd_core.training.patience import has_settled
from kd_core.training.reproducible import random_state, restore_random_state
from kd_core.training.series import Series
from kd_core.training.trial import Score, Trained
from kd_core.training.views import Views

if TYPE_CHECKING:
    from kd_core.training.batches import Batch, Batches
    from kd_core.training.checkpoints import CheckpointFolder
    from kd_core.training.steps import Learner
    from kd_core.training.surroundings import Surroundings
    from kd_core.training.trial import Trial

PROGRESS_EVERY_S = 1.0


class Trainer:
    """Trains a learner on batches. `run` is the description; the rest is what it mentions."""

    def __init__(
        self,
        learner: Learner,
        train: Batches,
        validation: Batches,
        checkpoints: CheckpointFolder,
        trial: Trial,
        surroundings: Surroundings,
    ) -> None:
        self.learner = learner
        self.train = train
        self.validation = validation
        self.checkpoints = checkpoints
        self.trial = trial
        self.phase = trial.phase
        self.emit = surroundings.emit
        self.clock = surroundings.clock
        self.should_stop = surroundings.should_stop
        self.recipe = learner.recipe
        self.step = 0
        self.total_steps = self.recipe.epochs * len(train)
        self.views = Views(train, self.recipe, learner.plan.classes, trial.view_seed)
        self.series = Series(trial, len(train))
        self.balance = Balance(learner.objective)
        self.saved_at = self.reported_at = self.began_at = self.clock.monotonic()
        self.began_step = 0
        self.history: list[float] = []
        """What each epoch was worth on the validation split."""
        self.last: Score | None = None
        self.best: Score | None = None

    @property
    def steps_before(self) -> int:
        """Taken by the trials of this phase that came first."""
        return self.trial.number * self.total_steps

    @property
    def is_over(self) -> bool:
        return self.step == self.total_steps or has_settled(
            self.history, self.recipe.early_stopping
        )

    def run(self) -> Trained:
        """Train to the last step, from the newest checkpoint if there is one."""
        self._resume()
        while not self.is_over:
            epoch, first = divmod(self.step, len(self.train))
            for batch in self.train.shuffled(self.recipe.seed, epoch, first):
                self._stop_if_asked()
                self._learn_from(batch, epoch)
                if self.step % len(self.train) == 0:
                    self._finish_epoch(epoch)
                self._report_progress(epoch, in_any_case=self.is_over)
                self._checkpoint_if_due()
        return Trained(self.trial.seed, self.learner.trained().eval(), self.last, self.best)

    def _learn_from(self, batch: Batch, epoch: int) -> None:
        rate = learning_rate(self.recipe, self.step, len(self.train))
        measured = self.learner.step(
            batch, rate, epoch + 1, seen=lambda part: self.views.of(part, epoch)
        )
        self.step += 1
        self.balance.add(measured)
        self.series.add(measured, rate, len(batch.images), self.clock.monotonic())
        if self.series.is_due:
            self.emit(self.series.points(self.step, epoch + 1))

    def _finish_epoch(self, epoch: int) -> None:
        measured = evaluate(
            self.learner.trained(),
            self.learner.plan,
            self.validation,
            self.learner.lesson,
            alive=lambda: self._report_progress(epoch),
        )
        peak_mb = memory.peak_bytes(self.validation.images.device.type) / MEGABYTE
        shown = {**measured, "train/peak_mb": peak_mb}
        self.emit(self.series.named(shown, self.step, epoch + 1))
        self._remember_score(measured, epoch + 1)
        for warning in self.balance.finish_epoch(epoch + 1):
            self.emit(warning)
        if self.is_over and self.step < self.total_steps:
            self._say_that_it_settled(epoch + 1)

    def _remember_score(self, measured: dict[str, float], epoch: int) -> None:
        name = next(at for at in ("val/top1", "val/agreement") if at in measured)
        self.history.append(measured[name])
        if name == "val/top1":
            self.last = Score(epoch, measured[name])
            self.best = self.last if self.best is None else max(self.best, self.last, key=_top1)

    def _say_that_it_settled(self, epoch: int) -> None:
        self.emit(
            Warned(
                code="stopped_early",
                message=f"training ends after epoch {epoch} of {self.recipe.epochs}: it has "
                "stopped getting better on the validation split",
                hint="recipe.early_stopping says when; the weights of this epoch are kept",
            )
        )

    def _stop_if_asked(self) -> None:
        if self.should_stop():
            self._checkpoint()
            raise Stopped(
                f"stopped at step {self.step} of {self.total_steps}; the checkpoint is on disk",
                hint="run the same command with --resume to go on",
            )

    def _report_progress(self, epoch: int, *, in_any_case: bool = False) -> None:
        now = self.clock.monotonic()
        if now - self.reported_at < PROGRESS_EVERY_S and not in_any_case:
            return
        self.reported_at = now
        done = self.step - self.began_step
        waiting = self.trial.count * self.total_steps - self.steps_before - self.step
        left = waiting * (now - self.began_at) / done if done else None
        self.emit(
            Progress(
                phase=self.phase,
                epoch=epoch + 1,
                epochs=self.recipe.epochs,
                step=self.steps_before + self.step,
                total_steps=self.trial.count * self.total_steps,
                eta_s=left,
            )
        )

    def _checkpoint_if_due(self) -> None:
        """When the time has come and at the end, but never with a bad step just behind."""
        due = self.clock.monotonic() - self.saved_at >= self.recipe.checkpoint_every_s
        if self.learner.bad_steps == 0 and (due or self.is_over):
            self._checkpoint()

    def _checkpoint(self) -> None:
        saved = self.checkpoints.save(
            self.step,
            {
                "step": self.step,
                "learner": self.learner.state(),
                "random": random_state(),
                "series": self.series.state(),
                "balance": self.balance.state(),
                "history": self.history,
                "scores": [None if at is None else astuple(at) for at in (self.last, self.best)],
            },
        )
        self.saved_at = self.clock.monotonic()
        self.emit(
            CheckpointSaved(
                phase=self.phase,
                step=self.steps_before + saved.step,
                path=f"checkpoints/{self.checkpoints.folder.name}/{saved.path.name}",
                sha256=saved.sha256,
                bytes=saved.bytes,
            )
        )

    def _resume(self) -> None:
        """Take up the newest checkpoint that is whole; say so when the newest one was not."""
        for checkpoint in self.checkpoints.newest_first():
            state = self.checkpoints.load(checkpoint)
            if state is not None:
                self._restore(state)
                self.emit(RunResumed(phase=self.phase, step=self.step))
                return
            self.emit(
                Warned(
                    code="checkpoint_damaged",
                    message=f"the checkpoint of step {checkpoint.step} is damaged",
                    hint="the one before it is used; training goes on from there",
                )
            )
            self.checkpoints.discard(checkpoint)

    def _restore(self, state: dict[str, Any]) -> None:
        self.step = self.began_step = state["step"]
        self.learner.restore(state["learner"])
        self.series.restore(state["series"])
        self.balance.restore(state["balance"])
        self.history = state["history"]
        self.last, self.best = (None if at is None else Score(*at) for at in state["scores"])
        restore_random_state(state["random"])


def _top1(score: Score) -> float:
    return score.top1
