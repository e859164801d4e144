"""The classes that the student recognises less often than the reference did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from heapq import nsmallest

from kd_core.diagnosing.confusion import Pairs
from kd_core.diagnosis import MOST_CLASSES_LOST, ClassLost


def classes_lost(student: Pairs, reference: Pairs, names: Sequence[str]) -> tuple[ClassLost, ...]:
    """The largest loss of recall first; of equal ones the class with more samples."""
    samples: Counter[int] = Counter()
    for (true, _), count in student.items():
        samples[true] += count
    lost = [
        ClassLost(
            name=names[label],
            samples=count,
            reference=reference[label, label] / count,
            student=student[label, label] / count,
            difference=(student[label, label] - reference[label, label]) / count,
        )
        for label, count in sorted(samples.items())
        if student[label, label] < reference[label, label]
    ]
    return tuple(nsmallest(MOST_CLASSES_LOST, lost, key=lambda one: (one.difference, -one.samples)))
