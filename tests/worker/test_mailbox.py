"""What a trainer says is kept, in order and within bounds."""

import json
from datetime import UTC, datetime

import pytest

from kd_core import events as said
from stillhouse.domain.events import EventType, Stream
from stillhouse.domain.phases import Phase
from worker.mailbox import LINE_CHARACTERS, TAIL_LINES, Mailbox

AT = datetime(2027, 1, 1, tzinfo=UTC)


def line(payload):
    return said.Event.of(payload, AT).model_dump_json().encode()


def progress(step):
    return said.Progress(phase="training", epoch=1, epochs=2, step=step, total_steps=10, eta_s=1.0)


def points(count, step=1):
    made = [said.MetricPoint.of(f"m{number}", step, 1, 0.5) for number in range(count)]
    return said.Metrics(phase="training", points=tuple(made))


def checkpoint(step):
    return said.CheckpointSaved(phase="training", step=step, path="p", sha256="0" * 64, bytes=1)


def test_events_come_in_order_and_of_progress_only_the_newest():
    mailbox = Mailbox()
    for payload in (
        said.PhaseChanged(phase="training"),
        progress(1),
        said.Warned(code="w", message="m"),
        said.ArtifactFailed(name="onnx", format="onnx", reason="no Fft", required=False),
        progress(5),
        said.PhaseChanged(phase="packaging"),
    ):
        mailbox.hear_event(line(payload))
    batch = mailbox.take()

    assert ["phase_changed", "warning", "artifact_failed", "progress", "phase_changed"] == [
        event.type.removeprefix("job.") for event in batch.events
    ]
    assert (5, 0.5) == (batch.events[3].data["step"], batch.events[3].data["fraction"])
    assert {AT} == {event.at for event in batch.events}
    assert not mailbox.take()


def test_what_the_student_is_held_against_is_a_point_too():
    mailbox = Mailbox()
    for name, top1 in {"teachers.0": 0.7, "teachers.1": 0.8, "teachers": 0.9}.items():
        told = said.TeacherMeasured(name=name, top1=top1, floor=None, samples=10)
        mailbox.hear_event(line(told))
    mailbox.hear_event(line(said.TeacherMeasured(top1=None, floor=None, samples=10)))
    batch = mailbox.take()

    assert [("teacher_top1", 0.9)] == [(point.name, point.value) for point in batch.points]
    assert len(batch.events) == 4


def test_what_supervisors_write_themselves_is_remembered_and_no_event():
    mailbox = Mailbox()
    started = said.RunStarted(name="n", fingerprint="f", device="cpu", threads=1)
    for payload in (started, said.RunSucceeded(top1=None, verdict="not_evaluated")):
        mailbox.hear_event(line(payload))

    assert started == mailbox.started
    assert not mailbox.take()


def test_the_newest_checkpoint_waits_to_be_saved_once():
    mailbox = Mailbox()
    for step in (10, 20):
        mailbox.hear_event(line(checkpoint(step)))
    saved = mailbox.take_checkpoint()

    assert (Phase.TRAINING, 20) == (saved.phase, saved.step)
    assert mailbox.take_checkpoint() is None


def test_points_keep_their_phase_and_what_is_not_a_number():
    mailbox = Mailbox()
    point = said.MetricPoint.of("train/loss", 3, 1, float("nan"))
    mailbox.hear_event(line(said.Metrics(phase="training_teacher", points=(point,))))
    (kept,) = mailbox.take().points

    assert ("training_teacher/train/loss", None, "nan") == (kept.series, kept.value, kept.nonfinite)
    assert 3 == mailbox.step


@pytest.mark.parametrize(
    "text", [b"", b"{", b'{"type": "job.odd", "at": "x", "data": {}}', b"\xff"]
)
def test_what_is_no_event_becomes_a_log_line(text):
    mailbox = Mailbox()
    mailbox.hear_event(text)
    batch = mailbox.take()

    assert [Stream.SUPERVISOR] == [kept.stream for kept in batch.lines]
    assert [] == batch.events


def test_when_nobody_empties_it_lines_go_first_then_points_and_never_events():
    mailbox = Mailbox(capacity=10)
    for number in range(20):
        mailbox.hear_line(Stream.STDOUT, f"line {number}")
    mailbox.hear_event(line(points(8)))
    kept = mailbox.take()
    mailbox.hear_event(line(points(20)))
    for _ in range(20):
        mailbox.hear_event(line(said.PhaseChanged(phase="training")))
    flooded = mailbox.take()

    assert ["line 18", "line 19"] == [kept_line.text for kept_line in kept.lines]
    assert 8 == len(kept.points)
    assert [f"m{number}" for number in range(10, 20)] == [point.name for point in flooded.points]
    assert 20 == len(flooded.events)


def test_a_log_that_is_too_long_is_cut_once_with_a_warning_and_its_end_kept():
    mailbox = Mailbox(max_lines=5)
    for number in range(1000):
        mailbox.hear_line(Stream.STDOUT, str(number))
    batch, tail = mailbox.take(), mailbox.take_tail()

    assert ["0", "1", "2", "3", "4"] == [kept.text for kept in batch.lines]
    assert [(EventType.WARNING, "log_too_long")] == [
        (event.type, event.data["code"]) for event in batch.events
    ]
    assert TAIL_LINES + 1 == len(tail.lines)
    assert f"{1000 - 5 - TAIL_LINES} lines" in tail.lines[0].text
    assert "999" == tail.lines[-1].text


def test_long_lines_are_shortened_and_a_progress_bar_is_what_it_came_to():
    mailbox = Mailbox()
    mailbox.hear_line(Stream.STDERR, "x" * 100_000)
    mailbox.hear_line(Stream.STDERR, " 10%\r 50%\r100%\n")
    mailbox.hear_line(Stream.STDERR, "")
    lines = mailbox.take().lines

    assert len(lines[0].text) < LINE_CHARACTERS + 50
    assert "100%" == lines[1].text
    assert "100%" == mailbox.last_words[Stream.STDERR]


def test_an_event_of_a_later_version_is_no_harm():
    mailbox = Mailbox()
    event = json.loads(line(said.PhaseChanged(phase="training")))
    event["data"]["phase"] = "quantizing"
    mailbox.hear_event(json.dumps(event).encode())

    assert 1 == len(mailbox.take().lines)
