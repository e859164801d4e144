"""Events: the same written and read, and numbers that JSON has no word for."""

import json
from datetime import UTC, datetime

import pytest

from kd_core.events import PAYLOADS, Event, MetricPoint, Metrics, Progress, Warned

AT = datetime(2030, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "payload",
    [
        Warned(code="data", message="two files ignored"),
        Progress(phase="training", epoch=1, epochs=2, step=3, total_steps=4, eta_s=None),
        Metrics(phase="training", points=(MetricPoint.of("val/top1", 4, 1, 0.5),)),
    ],
)
def test_an_event_is_read_as_it_was_written(payload):
    event = Event.of(payload, AT)

    assert event == Event.parse(event.model_dump_json())


def test_a_line_has_a_type_a_time_in_utc_and_data():
    line = json.loads(Event.of(Warned(code="data", message="m"), AT).model_dump_json())

    assert line == {
        "type": "job.warning",
        "at": "2030-01-02T03:04:05.678Z",
        "data": {"code": "data", "message": "m", "hint": ""},
    }


@pytest.mark.parametrize(
    ("value", "word"), [(float("nan"), "nan"), (float("inf"), "inf"), (float("-inf"), "-inf")]
)
def test_a_value_that_is_no_number_is_null_and_says_which(value, word):
    point = MetricPoint.of("train/loss", 1, 1, value)

    assert (None, word) == (point.value, point.nonfinite)


def test_every_kind_of_event_has_a_name_of_its_own():
    assert len(PAYLOADS) == len({payload.__name__ for payload in PAYLOADS.values()})
    assert all(name.startswith("job.") for name in PAYLOADS)
