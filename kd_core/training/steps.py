"""One step of training: forward, loss, backward, update; and what to do with a step gone bad."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.utils import clip_grads_with_norm_
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from kd_core.errors import Diverged
from kd_core.losses.declaration import DistillBatch
from kd_core.objective import Objective, total
from kd_core.training.optimizer import make_optimizer

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.models.build import Plan
    from kd_core.models.precision import Precision
    from kd_core.models.teacher import Lesson
    from kd_core.spec.recipe import Recipe
    from kd_core.training.batches import Batch

BAD_STEPS_TO_FAIL = 3
PULL = "term_grad/"


def _as_it_is(batch: Batch) -> Batch:
    return batch


class Learner:
    """A network with its objective, optimiser and average: everything that a step changes."""

    def __init__(
        self,
        network: nn.Module,
        plan: Plan,
        objective: Objective,
        recipe: Recipe,
        lesson: Lesson | None = None,
    ) -> None:
        # Convolutions are quicker where the channels of a pixel lie side by side, as decoded.
        self.network = network.to(memory_format=torch.channels_last)
        self.plan = plan
        self.objective = objective
        self.recipe = recipe
        self.lesson = lesson
        self.adapters = objective.adapters()
        self.optimizer = make_optimizer(recipe.optimizer, self._weights())
        self.average = _average(network, recipe.ema)
        self.bad_steps = 0
        self.amp: Precision = "fp32"
        """Numbers of the forward and backward pass; weights and loss are float32 in any case."""

    def to(self, device: str) -> None:
        """Move before the first step, while the optimiser has no state of its own."""
        self.network.to(device)
        self.adapters.to(device)
        if self.average is not None:
            self.average.to(device)

    def step(
        self, batch: Batch, rate: float, epoch: int, seen: Callable[[Batch], Batch] = _as_it_is
    ) -> dict[str, float]:
        """Learn from one batch of an epoch, counted from 1. Returns what there was to measure:
        the terms, the loss, the gradient's norm, and on request each term's own.

        The recipe's `accumulate` cuts the batch into parts, which go through the networks one
        after the other, each as `seen` shows it. A step whose loss or gradient is not finite
        changes no weight; the third in a row ends the run with the names of the terms that did it.
        """
        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        measured = _together(
            [
                self._learn(seen(part), len(part.images) / len(batch.images), epoch)
                for part in batch.parts(self.recipe.accumulate)
            ]
        )
        norm = _norm([weight.grad for weight in self._weights() if weight.grad is not None])
        measured |= self.objective.readings() | {"grad_norm": norm.item()}
        if self._is_bad(measured):
            return measured
        self._update(norm, rate)
        return measured

    def trained(self) -> nn.Module:
        """What is evaluated and exported: the average when there is one."""
        return self.network if self.average is None else self.average.module

    def state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "adapters": self.adapters.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "bad_steps": self.bad_steps,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.adapters.load_state_dict(state["adapters"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.bad_steps = state["bad_steps"]

    def _weights(self) -> list[nn.Parameter]:
        """All that is trained: the network's weights, and those of the losses' adapters."""
        return [*self.network.parameters(), *self.adapters.parameters()]

    def _learn(self, part: Batch, share: float, epoch: int) -> dict[str, float]:
        """Add to the gradient what this share of a batch asks for, and measure the same share."""
        answered = self._answered(part)
        terms = self.objective.of(answered, epoch)
        if share != 1:
            terms = {name: share * value for name, value in terms.items()}
        loss = total(terms)
        measured = _numbers(terms)
        if self.recipe.term_gradients:
            measured |= _pulls(terms, answered.student_logits)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return measured | {"loss": loss.item()}

    def _answered(self, batch: Batch) -> DistillBatch:
        answers: dict[str, Any] = {"labels": batch.labels, "index": batch.index}
        if self.lesson is not None and self.objective.needs_teacher:
            answers["teacher_logits"] = self.lesson.logits(batch)
        inputs = self.plan.inputs(batch.images)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self.amp == "bf16"):
            logits = self.network(inputs)
        return DistillBatch(student_logits=logits, **answers)

    def _update(self, norm: Tensor, rate: float) -> None:
        if self.recipe.clip is not None:
            clip_grads_with_norm_(self._weights(), self.recipe.clip, norm)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        if self.average is not None:
            self.average.update_parameters(self.network)

    def _is_bad(self, measured: dict[str, float]) -> bool:
        wrong = [name for name, value in measured.items() if not _finite(value)]
        self.bad_steps = self.bad_steps + 1 if wrong else 0
        if self.bad_steps < BAD_STEPS_TO_FAIL:
            return bool(wrong)
        terms = [name for name in wrong if name.split(".")[0].isdigit()]
        culprit = f"the term {', '.join(terms)}" if terms else "the gradient"
        raise Diverged(
            f"training diverged: {culprit} was not a finite number in {self.bad_steps} steps "
            "in a row",
            hint="lower recipe.optimizer.lr, set recipe.clip (1.0 is a common choice), add "
            "schedule.warmup_epochs, or lower the weight of that term",
            pointer=f"/loss/{terms[0].split('.')[0]}" if terms else "/recipe/optimizer/lr",
        )


def _together(parts: list[dict[str, float]]) -> dict[str, float]:
    """What the parts of a batch measured, as the batch would have: sums, and norms over samples."""

    def whole(name: str) -> float:
        values = [part[name] for part in parts]
        return math.hypot(*values) if name.startswith(PULL) else sum(values)

    return parts[0] if len(parts) == 1 else {name: whole(name) for name in parts[0]}


def _average(network: nn.Module, decay: float | None) -> AveragedModel | None:
    if decay is None:
        return None
    # Buffers (batch statistics) are copied as they are; only weights are averaged.
    average = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return AveragedModel(network, multi_avg_fn=average)


def _norm(gradients: list[Tensor]) -> Tensor:
    """Of the whole gradient, summed in float64: squares of large float32 numbers overflow."""
    norms = [torch.linalg.vector_norm(gradient, dtype=torch.float64) for gradient in gradients]
    whole: Tensor = torch.linalg.vector_norm(torch.stack(norms))
    return whole


def _numbers(terms: dict[str, Tensor]) -> dict[str, float]:
    """All terms in one look at the device."""
    values = torch.stack([term.detach().float() for term in terms.values()]).tolist()
    return dict(zip(terms, values, strict=True))


def _pulls(terms: dict[str, Tensor], logits: Tensor) -> dict[str, float]:
    """How hard each term pulls at the student's logits: the norm of its gradient there."""
    norms = {}
    for name, term in terms.items():
        (gradient,) = torch.autograd.grad(term, logits, retain_graph=True)
        norms[f"{PULL}{name}"] = torch.linalg.vector_norm(gradient.float())
    return _numbers(norms)


def _finite(value: float) -> bool:
    return value - value == 0
