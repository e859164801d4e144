"""How a job reads while it goes, and which number its end is for a script."""

import pytest

from stillhouse.cli.endings import client_exit_code
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.watching import JobLines, conclusion, ending_code
from stillhouse.client import errors
from stillhouse.client.answers import Job, JobEvent, Series
from stillhouse.client.following import Epoch, Sighting, validations

FAILURE = {"class": "diverged", "code": "diverged", "message": "the loss is nan",
           "hint": "lower the rate", "phase": "training"}  # fmt: skip


def job(state="running", **changes):
    return Job.model_validate({"id": "job_1", "name": "x", "state": state} | changes)


def event(seq, kind, attempt=1, **data):
    at = "2026-01-01T00:00:00Z"
    fields = {"seq": seq, "type": kind, "at": at, "attempt": attempt, "data": data}
    return JobEvent.model_validate(fields)


def phase(seq, name):
    return event(seq, "job.phase_changed", phase=name)


def epoch(name, number, top1=0.5):
    return Epoch(name, number * 10, number, {"val/top1": top1})


def told(*sightings):
    lines = JobLines()
    return [line for sighting in sightings for line in lines.lines(sighting)]


def test_the_story_of_a_job():
    first = Sighting(job(), [event(1, "job.created", 0), event(2, "job.queued", 0)])
    second = Sighting(job(), [event(3, "job.starting"), event(4, "job.started"),
                              phase(5, "training_teacher")])  # fmt: skip
    third = Sighting(job(), [phase(6, "training")], [epoch("training_teacher", 1)])
    last = Sighting(job(), [phase(7, "packaging")], [epoch("training", 1, 0.25)])

    assert told(first, second, third, last) == [
        "queued",
        "started",
        "training teacher",
        "  epoch 1  top-1 50.0%",
        "training student",
        "  epoch 1  top-1 25.0%",
        "packing",
    ]


def test_a_job_that_is_seen_late_is_told_in_its_order():
    events = [phase(1, "training_teacher"), phase(2, "training"), phase(3, "packaging")]
    late = Sighting(job(), events, [epoch("training_teacher", 1), epoch("training", 1)])

    assert told(late) == [
        "training teacher",
        "  epoch 1  top-1 50.0%",
        "training student",
        "  epoch 1  top-1 50.0%",
        "packing",
    ]


def test_a_job_that_was_lengthened_says_for_how_long():
    longer = event(1, "job.queued", 1, reason="", extra_epochs=10, epochs=70)

    assert told(Sighting(job(), [longer])) == ["queued again, for 70 epochs in all"]


def test_an_attempt_that_was_lost_is_told():
    events = [event(1, "job.attempt_lost"), event(2, "job.queued", 1),
              event(3, "job.started", 2)]  # fmt: skip

    assert told(Sighting(job(), events)) == [
        "attempt 1 was lost; the job goes on from its last checkpoint",
        "queued again",
        "started, attempt 2",
    ]


def test_what_the_science_says_is_said_in_its_words():
    measured = event(1, "job.teacher_measured", top1=0.9, floor=0.5, samples=10, more="x")

    line = "teacher answers 90.0% correctly (had to reach 50.0%)"

    assert told(Sighting(job(), [measured])) == [line]


@pytest.mark.parametrize("kind", ["job.teacher_measured", "job.warning", "job.from_the_future"])
def test_what_a_newer_service_says_is_passed_over(kind):
    assert told(Sighting(job(), [event(1, kind, colour="green")])) == []


def test_a_failure_is_told_with_its_place_and_its_way_out():
    assert conclusion(job("failed", failure=FAILURE)) == [
        "failed while training student (diverged): the loss is nan",
        "  lower the rate",
        "  `still logs job_1` shows what it wrote",
    ]


def test_a_job_that_goes_on_says_so():
    assert ["queued, and so not over; `still watch job_1` looks on"] == conclusion(job("queued"))


def test_the_numbers_of_a_validation_are_those_of_its_step():
    loss = Series(name="train/loss", steps=(1, 2, 3, 4), values=(9.0, 8.0, None, 6.0))
    top1 = Series(name="val/top1", steps=(2, 4), values=(0.5, 0.6), epochs=(1, 2))
    found = validations("training", {"train/loss": loss, "val/top1": top1}, 0)

    assert found == [
        Epoch("training", 2, 1, {"train/loss": 8.0, "val/top1": 0.5}),
        Epoch("training", 4, 2, {"train/loss": 6.0, "val/top1": 0.6}),
    ]


def test_what_was_seen_is_not_told_again():
    top1 = Series(name="val/top1", steps=(2, 4), values=(0.5, 0.6), epochs=(1, 2))

    assert [e.step for e in validations("training", {"val/top1": top1}, 2)] == [4]


@pytest.mark.parametrize(
    ("state", "verdict", "code"),
    [
        ("succeeded", "not_evaluated", 0),
        ("succeeded", "passed", 0),
        ("succeeded", "failed", 2),
        ("failed", "not_evaluated", 3),
        ("cancelled", None, 4),
        ("expired", None, 4),
        ("running", None, 5),
    ],
)
def test_every_end_has_its_exit_code(state, verdict, code):
    assert ending_code(job(state, verdict=verdict)) == code


CODES = [
    (errors.NotLoggedIn("x"), ExitCode.USAGE),
    (errors.ServerUnreachable("x"), ExitCode.UNEXPECTED),
    (errors.TransferBroken("x"), ExitCode.UNEXPECTED),
    (errors.VersionsApart("x"), ExitCode.UNEXPECTED),
    (errors.IdInvalid("x"), ExitCode.REJECTED),
    (errors.ArtifactUnknown("x"), ExitCode.REJECTED),
    (errors.FileUnusable("x"), ExitCode.REJECTED),
    (errors.DashboardMissing("x"), ExitCode.UNEXPECTED),
    (errors.WaitTimedOut("x"), ExitCode.WAIT_TIMED_OUT),
    (errors.ApiError(404, {}), ExitCode.REJECTED),
    (errors.ApiError(429, {}), ExitCode.UNEXPECTED),
    (errors.ApiError(500, {}), ExitCode.UNEXPECTED),
]


@pytest.mark.parametrize(("error", "code"), CODES)
def test_every_error_of_the_client_has_its_exit_code(error, code):
    assert client_exit_code(error) == code


def test_the_table_of_errors_is_complete():
    assert {type(error) for error, _ in CODES} == set(errors.ClientError.__subclasses__())
