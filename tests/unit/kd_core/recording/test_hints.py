"""Where a run has to look for a recording is known before any file is read."""

from __future__ import annotations

import pytest

from kd_core.recording.hint import recording_hint
from kd_core.spec import parse_spec
from tests.support.small_runs import WITH_TEACHER, small_spec


def hint(teacher=(), data=(), **recipe):
    document = small_spec(**WITH_TEACHER)
    document["teacher"] = document["teacher"] | dict(teacher)
    document["data"] |= dict(data)
    document["recipe"] |= {"teacher_cache": {}} | recipe
    return recording_hint(parse_spec(document))


@pytest.mark.parametrize(
    "changes",
    [
        {"teacher": {"min_top1": 0.5, "force": False}},
        {"epochs": 9},
        {"seeds": [1, 2]},
        {"batch_size": 8},
        {"ema": 0.5},
    ],
)
def test_what_no_answer_follows_from_is_no_part_of_it(changes):
    assert hint() == hint(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"teacher": {"checkpoint": "file:other.safetensors"}},
        {"teacher": {"image_size": 32}},
        {"data": {"image_size": 32}},
        {"augment": {"kind": "flip_crop"}},
        {"teacher_precision": "bf16"},
        {"teacher_cache": {"rows": "fp32"}},
        {"teacher_cache": {"views": 1}},
    ],
)
def test_what_answers_follow_from_is(changes):
    assert hint() != hint(**changes)


def test_views_that_are_drawn_are_of_a_seed_and_no_more_than_there_are_epochs():
    several = {"teacher_cache": {"views": 5}}

    assert hint(**several) != hint(seeds=[1], **several)
    assert hint(**several, epochs=9) != hint(**several, epochs=2)
    assert hint(**several, epochs=9) == hint(**several, epochs=5)


def test_a_run_that_records_nothing_has_none():
    assert hint(teacher_cache=None) is None
