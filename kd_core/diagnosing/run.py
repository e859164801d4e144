"""The diagnosis of a run, from what every model answered to the same held-out samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, get_args

import torch

from kd_core.diagnosing.answered import Answered
from kd_core.diagnosing.calibration import calibration
from kd_core.diagnosing.classes_lost import classes_lost
from kd_core.diagnosing.confusion import Pairs, confusion, pairs_of
from kd_core.diagnosing.flips import flips
from kd_core.diagnosis import Diagnosis, ModelDiagnosis, Reference

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.data.dataset import Samples

STUDENT = "student"


def diagnosis(
    samples: Samples, class_names: Sequence[str] | None, logits: Mapping[str, Tensor | None]
) -> Diagnosis:
    """Logits [N, C] by the name of the model, those that there are; `student` is always there."""
    answered = {name: Answered.of(found) for name, found in logits.items() if found is not None}
    classes = answered[STUDENT].logits.shape[1]
    names = class_names or tuple(map(str, range(classes)))
    reference = _reference(answered)
    known = Diagnosis(samples=len(samples), classes=classes, reference=reference)
    if reference is not None:
        between = flips(answered[reference], answered[STUDENT], samples, names)
        known = known.model_copy(update={"flips": between})
    if samples.labels is None:
        return known
    labels = torch.from_numpy(samples.labels)
    return known.model_copy(update=_of_labels(answered, reference, labels, names))


def _reference(answered: Mapping[str, Answered]) -> Reference | None:
    """The teacher; where there is none, the same student on labels alone."""
    return next((name for name in get_args(Reference) if name in answered), None)


def _of_labels(
    answered: Mapping[str, Answered],
    reference: Reference | None,
    labels: Tensor,
    names: Sequence[str],
) -> dict[str, object]:
    true = labels.tolist()
    pairs = {name: pairs_of(true, by.classes.tolist()) for name, by in answered.items()}

    def against(name: str) -> Pairs | None:
        return None if reference in {None, name} else pairs[str(reference)]

    models = tuple(
        ModelDiagnosis(
            name=name,
            confusion=confusion(pairs[name], against(name), names),
            calibration=calibration(by, labels),
        )
        for name, by in answered.items()
    )
    beside = against(STUDENT)
    lost = () if beside is None else classes_lost(pairs[STUDENT], beside, names)
    return {"models": models, "classes_lost": lost}
