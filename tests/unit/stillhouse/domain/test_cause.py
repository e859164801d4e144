"""What a job was made by."""

import pytest

from stillhouse.domain.cause import Cause, traceparent_in

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_trace_of_the_standard_is_taken_as_it_is():
    assert TRACE == traceparent_in(TRACE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        TRACE.upper(),
        f"{TRACE}\n",
        f"{TRACE}-more",
        "ff" + TRACE[2:],
        TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        TRACE.replace("00f067aa0ba902b7", "0" * 16),
        "00-$(reboot)-00f067aa0ba902b7-01",
    ],
)
def test_anything_else_is_none(text):
    assert "" == traceparent_in(text)


def test_an_event_tells_what_is_known_and_gives_it_back():
    for cause in (Cause(), Cause("req_1"), Cause("req_1", TRACE)):
        assert cause == Cause.of_event({"name": "job", **cause.told})
