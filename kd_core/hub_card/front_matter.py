"""The YAML that a card begins with, by which the Hub sorts models and shows their numbers.

A licence, and a data set of the Hub, are not known of what somebody brings, and so not claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from kd_core.errors import printable

if TYPE_CHECKING:
    from kd_core.hub_card.subject import Subject
    from kd_core.report import Worth

TASK = {"type": "image-classification", "name": "Image Classification"}
METRICS = {
    "top1": ("accuracy", "Top-1"),
    "top5": ("accuracy", "Top-5"),
    "macro_f1": ("f1", "Macro F1"),
    "ece": ("ece", "Expected calibration error"),
    "agreement_teacher": ("agreement", "Agreement with the teacher"),
}
"""Of the report: the Hub's type of each, and its name."""


def front_matter(subject: Subject) -> str:
    index = _index(subject)
    distilled = ["knowledge-distillation"] if subject.spec.all_teachers else []
    document: dict[str, Any] = {
        "library_name": "timm",
        "pipeline_tag": TASK["type"],
        "tags": [TASK["type"], "timm", *distilled, "stillhouse"],
    }
    if index:
        measured = {metric["type"] for one in index for metric in one["metrics"]}
        document["metrics"] = sorted(measured & {"accuracy", "f1"})
        name = printable(subject.report.name)
        document["model-index"] = [{"name": name, "results": index}]
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{text}---\n"


def _index(subject: Subject) -> list[dict[str, Any]]:
    """The student's numbers, for each split that it was measured on."""
    test = subject.report.test
    splits = {"validation": subject.report.student, "test": None if test is None else test.student}
    return [
        {"task": TASK, "dataset": _dataset(subject, split), "metrics": metrics}
        for split, worth in splits.items()
        if worth is not None and (metrics := _metrics(worth))
    ]


def _dataset(subject: Subject, split: str) -> dict[str, str]:
    name = printable(subject.data_name)
    return {"type": name if subject.is_built_in else "custom", "name": name, "split": split}


def _metrics(worth: Worth) -> list[dict[str, Any]]:
    return [
        {"type": kind, "name": name, "value": round(value, 6)}
        for key, (kind, name) in METRICS.items()
        if (value := getattr(worth, key)) is not None
    ]
