"""What training minimises: one loss made callable, and the weighted sum of several."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from kd_core.errors import LossInputInvalid, SpecInvalid
from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.losses.declaration import DistillBatch, Needs, SharedWork
from kd_core.losses.weighing import factor
from kd_core.problems import from_validation_error, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from torch import Tensor, nn

    from kd_core.adapters import Adapter
    from kd_core.losses.catalog import LossTerm
    from kd_core.losses.declaration import LossSpec

CE = TERMS["ce"].model_validate({"kind": "ce"})
DIMENSIONS = 2  # [batch, classes]
MIN_CLASSES = 2


def loss(kind: str, **params: Any) -> Loss:
    """The loss `kind` with these parameters, and optionally its `weight`."""
    if kind not in TERMS:
        raise SpecInvalid((one_of("/kind", "unknown_loss", "loss", kind, tuple(TERMS)),))
    document = {"kind": kind, **params}
    try:
        term = TERMS[kind].model_validate(document)
    except ValidationError as error:
        raise SpecInvalid(from_validation_error(error, document, TERMS[kind])) from None
    return Loss(term)


class Loss:
    """One term, ready to call. It checks what it is given, detaches the teacher and weighs."""

    adapter: Adapter | None = None

    def __init__(self, term: LossTerm) -> None:
        self.term = term
        self.spec = LOSSES[term.kind]

    def adapters(
        self,
        student_shapes: Sequence[Sequence[int]] | None = None,
        teacher_shapes: Sequence[Sequence[int]] | None = None,
    ) -> nn.Module:
        """The learnable part of this loss, to be trained with the student; empty if it has none.

        A first call makes it. The shapes are those of the features at the taps, for the losses
        that compare features.
        """
        from torch import nn

        from kd_core.adapters import ADAPTERS

        if self.spec.adapter is None:
            return nn.Module()
        if self.adapter is None:
            self.adapter = ADAPTERS[self.spec.adapter](self.term, student_shapes, teacher_shapes)
        return self.adapter

    def __call__(
        self,
        student_logits: Tensor | None = None,
        teacher_logits: Tensor | None = None,
        labels: Tensor | None = None,
        *,
        epoch: int | None = None,
        **rest: Any,
    ) -> Tensor:
        """The weighted loss of a batch: a scalar, reduced as the loss declares (batch mean).

        `epoch`, counted from 1, decides how far warm-up and decay are; without it the weight is
        the full one. `rest` is what only some losses look at: student_features, teacher_features,
        index, student_views, teacher_views.
        """
        return total(self.terms(student_logits, teacher_logits, labels, epoch=epoch, **rest))

    def terms(
        self,
        student_logits: Tensor | None = None,
        teacher_logits: Tensor | None = None,
        labels: Tensor | None = None,
        *,
        epoch: int | None = None,
        **rest: Any,
    ) -> dict[str, Tensor]:
        """The same as calling, before the sum: {name: weighted scalar}."""
        given: dict[str, Any] = {
            "student_logits": student_logits,
            "teacher_logits": teacher_logits,
            "labels": labels,
        }
        return self.of(DistillBatch(**given, **rest), epoch)

    def of(self, batch: DistillBatch, epoch: int | None = None) -> dict[str, Tensor]:
        """The weighted, named terms of a batch."""
        given = _checked(self.spec, batch)
        weight = self.term.weight * self.factor(epoch)
        with _autocast_off(given):
            if self.spec.adapter is not None:
                self.adapters()
            if self.adapter is not None:
                given = self.adapter.adapt(given, epoch)
            terms = self.spec.function(given, self.term)
        # A product with 1 would be a step forward and one back for every term.
        return {name: value if weight == 1 else weight * value for name, value in terms.items()}

    def factor(self, epoch: int | None) -> float:
        """What is left of the weight in this epoch by warm-up and decay."""
        return factor(epoch, self.term.warmup_epochs, self.term.decay)


class Objective:
    """A weighted sum of terms, each named `<n>.<kind>.<part>` in metrics and errors."""

    def __init__(self, terms: Iterable[LossTerm]) -> None:
        self.losses = tuple(Loss(term) for term in terms)

    @property
    def needs_teacher(self) -> bool:
        return any(Needs.TEACHER_LOGITS in loss.spec.needs for loss in self.losses)

    def check(self, classes: int) -> None:
        """Try every loss on two samples, so that one that cannot work says so before training."""
        import torch

        logits = torch.zeros(2, classes)
        batch = DistillBatch(
            student_logits=logits, teacher_logits=logits, labels=torch.tensor([0, 1])
        )
        for position, loss in enumerate(self.losses):
            refusal = loss.term.refusal(classes)
            if refusal is not None:
                raise LossInputInvalid(
                    refusal.message,
                    hint=refusal.hint,
                    code=refusal.code,
                    pointer=f"/loss/{position}/{refusal.parameter}",
                )
            try:
                loss.of(batch)
            except LossInputInvalid as error:
                raise error.at(f"/loss/{position}") from None

    def adapters(self) -> nn.ModuleList:
        """The learnable parts of all terms, one module each."""
        from torch import nn

        return nn.ModuleList(loss.adapters() for loss in self.losses)

    def readings(self) -> dict[str, float]:
        """What the learnable parts say of themselves: `adapter/<n>.<kind>.<name>`."""
        return {
            f"adapter/{position}.{loss.spec.kind}.{name}": value
            for position, loss in enumerate(self.losses)
            if loss.adapter is not None
            for name, value in loss.adapter.readings().items()
        }

    def of(self, batch: DistillBatch, epoch: int | None = None) -> dict[str, Tensor]:
        if len(self.losses) > 1:  # one term has nobody to share with; its work is freed sooner
            batch = replace(_teacher_detached(batch), shared=SharedWork())
        return {
            f"{position}.{loss.spec.kind}.{part}": value
            for position, loss in enumerate(self.losses)
            for part, value in loss.of(batch, epoch).items()
        }


def labels_alone(label_smoothing: float) -> Objective:
    """What a network minimises that has no teacher."""
    return Objective([CE.model_copy(update={"label_smoothing": label_smoothing})])


def total(terms: dict[str, Tensor]) -> Tensor:
    first, *others = terms.values()
    for other in others:
        first = first + other
    return first


def _checked(spec: LossSpec, batch: DistillBatch) -> DistillBatch:
    """The batch with its teacher detached, or an error that says what is missing or misshapen."""
    kind, needs = spec.kind, spec.needs
    _check_presence(kind, needs, batch)
    if Needs.STUDENT_LOGITS in needs:
        _check_logits(kind, "student_logits", batch.student_logits)
    if Needs.TEACHER_LOGITS in needs:
        _check_logits(kind, "teacher_logits", batch.teacher_logits)
        batch = _teacher_detached(batch)
    if Needs.LOGITS in needs and batch.student_logits.shape != batch.teacher_logits.shape:
        raise LossInputInvalid(
            f"the loss {kind} got student_logits {tuple(batch.student_logits.shape)} and "
            f"teacher_logits {tuple(batch.teacher_logits.shape)}",
            hint="both are [batch, classes] over the same classes",
        )
    if Needs.LABELS in needs:
        if batch.labels.is_floating_point():
            _check_mixed_labels(spec, batch.labels, batch.student_logits)
        else:
            _check_labels(kind, batch.labels, batch.student_logits)
            batch = _with_whole_labels(batch)
    return batch


def _teacher_detached(batch: DistillBatch) -> DistillBatch:
    """The same tensor where it is detached already: shared work is known by its source."""
    if batch.teacher_logits is None or not batch.teacher_logits.requires_grad:
        return batch
    return replace(batch, teacher_logits=batch.teacher_logits.detach())


def _with_whole_labels(batch: DistillBatch) -> DistillBatch:
    """Labels as torch indexes by them, whichever integers they came as."""
    labels = batch.labels.long()
    return batch if labels is batch.labels else replace(batch, labels=labels)


def _autocast_off(batch: DistillBatch) -> AbstractContextManager[Any]:
    """Matrix products would be rounded to half precision, which no loss here can bear."""
    import torch

    logits = batch.student_logits
    device = "cpu" if logits is None else logits.device.type
    if not torch.is_autocast_enabled(device):
        return nullcontext()  # cheaper than switching off what is not on
    return torch.autocast(device, enabled=False)


def _check_presence(kind: str, needs: Needs, batch: DistillBatch) -> None:
    from torch import Tensor

    for name in needs.inputs:
        given = getattr(batch, name)
        if given is None:
            raise LossInputInvalid(
                f"the loss {kind} needs {name} and did not get it",
                hint=f"{kind} needs: {', '.join(needs.inputs)}",
                code="loss_input_missing",
            )
        if not isinstance(given, Tensor):
            raise LossInputInvalid(
                f"the loss {kind} got {name} as {type(given).__name__}, not as a tensor",
                hint="torch.as_tensor makes one of a list or an array",
            )


def _check_logits(kind: str, name: str, logits: Tensor) -> None:
    if logits.ndim != DIMENSIONS or logits.shape[0] < 1 or logits.shape[1] < MIN_CLASSES:
        raise LossInputInvalid(
            f"the loss {kind} got {name} of shape {tuple(logits.shape)}",
            hint="logits are [batch, classes], with at least one sample and two classes",
        )
    if not logits.is_floating_point():
        raise LossInputInvalid(f"the loss {kind} got {name} of type {logits.dtype}, not floats")


def _check_mixed_labels(spec: LossSpec, labels: Tensor, logits: Tensor) -> None:
    if labels.shape != logits.shape or not spec.mixed_labels:
        takes = ", or a share for each class (floats)" if spec.mixed_labels else ""
        raise LossInputInvalid(
            f"the loss {spec.kind} got labels of shape {tuple(labels.shape)} and type "
            f"{labels.dtype} for {logits.shape[0]} samples",
            hint=f"labels are one class index (an integer) for each sample{takes}",
        )


def _check_labels(kind: str, labels: Tensor, logits: Tensor) -> None:
    if labels.shape != logits.shape[:1] or labels.is_complex():
        raise LossInputInvalid(
            f"the loss {kind} got labels of shape {tuple(labels.shape)} and type {labels.dtype} "
            f"for {logits.shape[0]} samples",
            hint="labels are one class index (an integer) for each sample",
        )
    # On an accelerator this look would wait for the device at every step; there the data set's
    # own check, made once, is what stands between a wrong label and the loss.
    if labels.device.type != "cpu":
        return
    least, greatest = (int(end) for end in labels.aminmax())
    if least < 0 or greatest >= logits.shape[1]:
        raise LossInputInvalid(
            f"the loss {kind} got a label outside 0..{logits.shape[1] - 1}: {labels.tolist()}"[:200]
        )
