"""What answers are worth: accuracy, F1, calibration and agreement, from logits on held-out data."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from kd_core.report import TOP5_CLASSES

CALIBRATION_BINS = 15


@dataclass(frozen=True)
class ClassScore:
    """How one class fares: recall is the share of its samples that were recognised."""

    samples: int
    recall: float
    precision: float | None
    """Null where the class was never answered."""
    f1: float


@dataclass(frozen=True)
class Quality:
    """Fractions, 0 to 1; the loss in nats."""

    top1: float
    top5: float | None
    macro_f1: float
    ece: float
    loss: float
    per_class: tuple[ClassScore, ...]


def quality(logits: Tensor, labels: Tensor) -> Quality:
    """How good the answers are. float [N, C], int [N]; every class counts once in macro_f1."""
    classes = logits.shape[1]
    answers = logits.argmax(dim=1)
    per_class = _per_class(answers, labels, classes)
    present = [score.f1 for score in per_class if score.samples]
    return Quality(
        top1=_share(answers == labels),
        top5=_share((logits.topk(5, dim=1).indices == labels[:, None]).any(dim=1))
        if classes >= TOP5_CLASSES
        else None,
        macro_f1=sum(present) / len(present),
        ece=calibration_error(logits, labels),
        loss=cross_entropy(logits.double(), labels).item(),
        per_class=per_class,
    )


def agreement(logits: Tensor, other: Tensor) -> float:
    """The share of samples on which two models answer the same."""
    return _share(logits.argmax(dim=1) == other.argmax(dim=1))


def calibration_error(logits: Tensor, labels: Tensor) -> float:
    """Expected calibration error: |confidence - accuracy| over equal-width bins, by their size."""
    confidence, answers = logits.double().softmax(dim=1).max(dim=1)
    right = (answers == labels).double()
    bins = calibration_bin(confidence)
    gap = torch.zeros(CALIBRATION_BINS, dtype=torch.float64)
    gap.index_add_(0, bins, confidence - right)
    return gap.abs().sum().item() / len(labels)


def calibration_bin(confidence: Tensor) -> Tensor:
    """Which of the bins, of equal width, each confidence falls into. int64 [N]"""
    return (confidence * CALIBRATION_BINS).long().clamp(max=CALIBRATION_BINS - 1)


def _share(hits: Tensor) -> float:
    return hits.double().mean().item()


def _per_class(answers: Tensor, labels: Tensor, classes: int) -> tuple[ClassScore, ...]:
    right = torch.bincount(labels[answers == labels], minlength=classes).tolist()
    given = torch.bincount(answers, minlength=classes).tolist()
    there = torch.bincount(labels, minlength=classes).tolist()
    return tuple(
        ClassScore(
            samples=samples,
            recall=hits / samples if samples else 0.0,
            precision=hits / answered if answered else None,
            f1=2 * hits / (samples + answered) if samples + answered else 0.0,
        )
        for hits, answered, samples in zip(right, given, there, strict=True)
    )
