"""What an attempt reports is stored as every database can hold it, and summed up as it comes."""

import math

import pytest

from stillhouse.domain.events import MetricPoint, summarised
from stillhouse.domain.phases import Checkpoint, Phase
from stillhouse.domain.text import storable, unstorable_places


def test_the_summary_keeps_the_last_of_all_and_the_best_of_what_has_a_better_side():
    points = [
        MetricPoint("val/top1", 1, 0.5),
        MetricPoint("val/top1", 2, 0.9),
        MetricPoint("val/top1", 3, 0.7),
        MetricPoint("val/loss", 3, 0.2),
        MetricPoint("train/lr", 3, 0.1),
    ]
    last, best = summarised({}, {}, points)

    assert (last["val/top1"]["value"], last["train/lr"]["value"]) == (0.7, 0.1)
    assert {name: entry["step"] for name, entry in best.items()} == {"val/top1": 2, "val/loss": 3}


def test_what_is_no_number_is_last_and_never_best():
    last, best = summarised({}, {}, [MetricPoint("val/loss", 1, None, nonfinite="nan")])

    assert (last["val/loss"]["value"], last["val/loss"]["nonfinite"]) == (None, "nan")
    assert best == {}


def test_a_bare_nan_is_refused_where_it_is_made():
    with pytest.raises(ValueError, match="nonfinite"):
        MetricPoint("val/loss", 1, math.nan)


def test_the_teachers_training_does_not_pass_for_the_students():
    point = MetricPoint("val/top1", 1, 0.99, phase="training_teacher")
    _, best = summarised({}, {}, [point, MetricPoint("val/top1", 1, 0.5, phase="training")])

    assert {"training_teacher/val/top1", "val/top1"} == set(best)


def test_odd_text_and_numbers_become_storable():
    odd = {"a\0": ["\ud800b", math.inf, {"c": math.nan}], "d": 1.5, "e": True, "f": None}

    assert storable(odd) == {"a�": ["�b", None, {"c": None}], "d": 1.5, "e": True, "f": None}


def test_the_places_of_unstorable_text_are_pointers():
    assert sorted(unstorable_places({"a": ["\0", "b"], "c": {"\0d": 1}})) == ["/a/0", "/c"]


def test_a_document_that_contains_itself_is_refused_in_finite_time():
    document = []
    document.extend([document, document])

    assert list(unstorable_places(document)) == [""]


def test_a_checkpoint_is_newer_by_phase_and_then_by_step():
    teacher = Checkpoint(Phase.TRAINING_TEACHER, 900, "a", "0" * 64, 1)
    student = Checkpoint(Phase.TRAINING, 10, "b", "0" * 64, 1)

    assert student.is_newer_than(teacher)
    assert student.is_newer_than(None)
    assert not student.is_newer_than(student)
    assert student == Checkpoint.from_json(student.as_json())
