"""Calibration, lost classes and flips against the same worked out one sample at a time."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from kd_core.diagnosing.answered import MOST_AT_ONCE, Answered
from kd_core.diagnosing.calibration import calibration
from kd_core.diagnosing.run import diagnosis
from kd_core.metrics import calibration_error
from tests.support.reports import held_out

SEEDS = st.integers(0, 500)


def drawn(seed, classes=4, count=40):
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, classes, count)
    logits = [
        torch.from_numpy(draw.normal(size=(count, classes)).astype(np.float32) * 2) for _ in "ts"
    ]
    return labels, *logits


def found_of(seed, **changes):
    labels, teacher, student = drawn(seed, **changes)
    names = [f"c{label}" for label in range(teacher.shape[1])]
    said = {"teacher": teacher, "student": student}
    return labels, teacher, student, diagnosis(held_out(labels), names, said)


def softmax(row):
    exact = np.exp(row.double().numpy() - float(row.max()))
    return exact / exact.sum()


@given(seed=SEEDS)
def test_each_sample_is_in_the_bin_of_its_confidence(seed):
    labels, logits, _ = drawn(seed)
    bins = [[] for _ in range(15)]
    for row, label in zip(logits, labels, strict=True):
        chances = softmax(row)
        bins[min(14, int(chances.max() * 15))].append((chances.max(), chances.argmax() == label))
    found = calibration(Answered.of(logits), torch.from_numpy(labels))

    assert [len(members) for members in bins] == [one.count for one in found]
    for members, one in zip(bins, found, strict=True):
        expected = np.mean(members, axis=0) if members else (None, None)
        assert tuple(expected) == pytest.approx((one.confidence, one.accuracy))


@given(seed=SEEDS)
def test_the_bins_are_what_ece_is_the_sum_of(seed):
    labels, logits, _ = drawn(seed)
    wanted = torch.from_numpy(labels)
    gaps = [
        one.count * abs(one.confidence - one.accuracy)
        for one in calibration(Answered.of(logits), wanted)
        if one.count
    ]

    assert calibration_error(logits, wanted) == pytest.approx(sum(gaps) / len(labels))


@given(seed=SEEDS)
def test_classes_lost_are_those_whose_recall_fell_the_worst_first(seed):
    labels, teacher, student, found = found_of(seed)
    expected = []
    for label in sorted(set(labels.tolist())):
        mine = labels == label
        theirs, ours = (
            float((said.argmax(dim=1).numpy() == labels)[mine].mean())
            for said in (teacher, student)
        )
        if ours < theirs:
            expected.append((f"c{label}", int(mine.sum()), theirs, ours))
    expected.sort(key=lambda one: (round(one[3] - one[2], 12), -one[1], one[0]))
    lost = [(one.name, one.samples, one.reference, one.student) for one in found.classes_lost]

    assert [one[0] for one in expected] == [one[0] for one in lost]
    for mine, theirs in zip(expected, lost, strict=True):
        assert mine[1:] == pytest.approx(theirs[1:])


@given(seed=SEEDS)
def test_flips_are_every_sample_that_is_answered_otherwise(seed):
    labels, teacher, student, found = found_of(seed)
    expected = []
    for place, label in enumerate(labels.tolist()):
        before, after = softmax(teacher[place]), softmax(student[place])
        was, now = int(before.argmax()), int(after.argmax())
        if was != now:
            kind = "lost" if was == label else "gained" if now == label else "both_wrong"
            expected.append(
                (kind, after[now] - after[was], place, was, now, before[was], after[now])
            )
    order = ["lost", "gained", "both_wrong"]
    expected.sort(key=lambda one: (order.index(one[0]), -one[1], one[2]))
    counts = [sum(one[0] == kind for one in expected) for kind in order]

    assert counts == [found.flips.lost, found.flips.gained, found.flips.both_wrong]
    assert len(expected) == found.flips.differing
    assert len(found.flips.shown) == min(24, len(expected))
    for (kind, margin, place, was, now, before, after), flip in zip(
        expected, found.flips.shown, strict=False
    ):
        assert (f"images[{place}]", kind, f"c{labels[place]}") == (
            flip.sample,
            flip.kind,
            flip.true,
        )
        assert (f"c{was}", f"c{now}") == (flip.reference.answer, flip.student.answer)
        assert (margin, before, after) == pytest.approx(
            (flip.margin, flip.reference.confidence, flip.student.confidence)
        )


def test_rows_of_many_classes_are_raised_in_parts_and_answer_alike():
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(3, MOST_AT_ONCE // 2, generator=draw) * 3
    found = Answered.of(logits)

    assert torch.equal(found.confidence, logits.double().softmax(dim=1).amax(dim=1))
    assert torch.equal(found.classes, logits.argmax(dim=1))


def test_unlabelled_samples_have_only_what_two_models_disagree_on():
    labels, teacher, student = drawn(0)
    unlabelled = replace(held_out(labels), labels=None)
    found = diagnosis(unlabelled, None, {"teacher": teacher, "student": student})

    assert (found.models, found.classes_lost) == ((), ())
    assert (found.flips.lost, found.flips.gained, found.flips.both_wrong) == (None, None, None)
    assert {(flip.kind, flip.true) for flip in found.flips.shown} == {("unlabelled", None)}
    assert found.flips.shown[0].student.answer in {"0", "1", "2", "3"}


def test_without_a_teacher_the_baseline_is_the_reference():
    labels, baseline, student = drawn(0)
    said = {"teacher": None, "student": student, "baseline": baseline}
    found = diagnosis(held_out(labels), None, said)

    assert found.reference == "baseline"
    assert [model.name for model in found.models] == ["student", "baseline"]
    assert found.models[0].confusion.difference is not None
    assert found.models[1].confusion.difference is None


def test_a_student_alone_is_held_against_nobody():
    labels, _, student = drawn(0)
    found = diagnosis(held_out(labels), None, {"student": student})

    assert (found.reference, found.flips, found.classes_lost) == (None, None, ())
    assert found.models[0].confusion.changed == ()


@pytest.mark.parametrize("classes", [1000, 21841])
def test_a_diagnosis_of_many_classes_is_not_larger_than_one_of_fifty(classes):
    *_, small = found_of(0, classes=50, count=200)
    *_, large = found_of(0, classes=classes, count=200)

    assert len(large.model_dump_json()) < len(small.model_dump_json())
