"""The command line: what it prints, what it answers, and that nobody sees a traceback."""

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import yaml

from kd_core import errors, events
from kd_core.report import Report
from stillhouse.cli.distill import user_cache
from stillhouse.cli.endings import exit_code_of
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.main import answer
from stillhouse.cli.rendering import PHASES, Lines
from tests.support.small_runs import WITH_TEACHER, save_teacher, small_spec, stripes


@pytest.fixture
def job(tmp_path, spec):
    path = tmp_path / "job.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path


def change(job, **changes):
    job.write_text(yaml.safe_dump(small_spec(**changes)))


def test_a_run_prints_lines_and_ends_in_a_table(job, tmp_path, capsys):
    code = answer(["distill", str(job), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr().out

    assert code == ExitCode.OK
    assert "distillation on cpu, 1 thread\n" in printed
    assert "epoch 2  loss" in printed
    assert "\nstudent " in printed
    assert f"report   {tmp_path}/out/report.html" in printed
    assert f"numbers  {tmp_path}/out/report.json" in printed


def test_json_is_events_and_nothing_else(job, tmp_path, capsys):
    code = answer(["distill", str(job), "--out", str(tmp_path / "out"), "--json"])
    printed = capsys.readouterr()
    types = [json.loads(line)["type"] for line in printed.out.splitlines()]

    assert code == ExitCode.OK
    assert ("job.started", "job.succeeded") == (types[0], types[-1])
    assert printed.out == (tmp_path / "out/events.jsonl").read_text()


@pytest.mark.parametrize(
    ("most", "code", "last"),
    [(10_000_000, 0, "verdict: passed, 1 gate"), (10, 2, "verdict: failed, 1 of 1 gate")],
)
def test_gates_are_told_last_and_are_the_exit_code(job, tmp_path, capsys, most, code, last):
    change(job, gates=[{"metric": "parameters", "op": "<=", "value": most}])
    found = answer(["distill", str(job), "--out", str(tmp_path / "out")])

    assert code == found
    assert last == capsys.readouterr().out.splitlines()[-1]
    assert (tmp_path / "out/report.json").is_file()


def test_runs_share_what_they_have_decoded_where_they_are_told(job, tmp_path):
    cache = tmp_path / "cache"
    told = ["--cache-dir", str(cache)]
    answer(["distill", str(job), "--out", str(tmp_path / "first"), *told])
    made = {path: path.stat().st_ino for path in cache.glob("*.images")}
    change(job, loss={"kind": "ce", "label_smoothing": 0.1})
    code = answer(["distill", str(job), "--out", str(tmp_path / "second"), *told])

    assert code == ExitCode.OK
    assert 2 == len(made)
    assert made == {path: path.stat().st_ino for path in cache.glob("*.images")}


def test_runs_share_what_a_teacher_answered_where_they_are_told(job, tmp_path, capsys):
    save_teacher(tmp_path / "teacher.safetensors")
    change(job, **WITH_TEACHER, recipe={"preset": "quick", "epochs": 2, "teacher_cache": {}})
    told = ["--recordings-dir", str(tmp_path / "recordings"), "--json"]
    sources = []
    for out in ("first", "second"):
        assert ExitCode.OK == answer(["distill", str(job), "--out", str(tmp_path / out), *told])
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        sources += [event["data"]["value"] for event in events if event["type"] == "job.chosen"]

    assert ["recorded", "reused"] == sources


def test_decoded_images_are_in_the_users_cache_unless_it_is_said_otherwise(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    told = user_cache()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")

    assert tmp_path / "stillhouse/decoded" == told
    assert Path("/home/somebody/.cache/stillhouse/decoded") == user_cache()


def test_the_table_ends_with_the_test_split_where_there_is_one(job, tmp_path, capsys):
    sides = {"train": 16, "val": 8, "test": 7}
    drawn = {side: stripes(count, seed=count) for side, count in sides.items()}
    arrays = {f"{side}_images": images for side, (images, _) in drawn.items()}
    labels = {f"{side}_labels": labels for side, (_, labels) in drawn.items()}
    np.savez(tmp_path / "data.npz", **arrays, **labels)
    answer(["distill", str(job), "--out", str(tmp_path / "out")])
    report = Report.parse(json.loads((tmp_path / "out/report.json").read_text()))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    (titles,) = (words for words in lines if words[:1] == ["top-1"])
    (student,) = (words for words in lines if words[:1] == ["student"] and "%" in words[1])

    assert "test" == titles[-1]
    assert f"{report.test.student.top1:.1%}" == student[-1]


@pytest.mark.parametrize("phase", get_args(events.Phase))
def test_every_phase_has_words(phase):
    assert [PHASES[phase]] == Lines().lines(events.PhaseChanged(phase=phase))


def test_a_wrong_specification_is_answered_with_every_problem(job, tmp_path, capsys):
    change(job, loss="pdl", recipe={"epochs": "2"})
    code = answer(["distill", str(job), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr()

    assert code == ExitCode.REJECTED
    assert "/loss: there is no loss 'pdl'\n  did you mean pld?" in printed.err
    assert "/recipe/epochs: must be an integer; got '2'" in printed.err
    assert printed.out == ""
    assert not (tmp_path / "out").exists()


def test_a_wrong_specification_is_json_for_programs(job, tmp_path, capsys):
    change(job, loss="pdl")
    answer(["distill", str(job), "--out", str(tmp_path / "out"), "--json"])
    said = json.loads(capsys.readouterr().err)

    assert said["code"] == "spec_invalid"
    assert [("/loss", "unknown_loss")] == [(p["pointer"], p["code"]) for p in said["problems"]]


def test_a_second_run_into_the_same_folder_is_told_of_resume(job, tmp_path, capsys):
    answer(["distill", str(job), "--out", str(tmp_path / "out")])
    again = answer(["distill", str(job), "--out", str(tmp_path / "out")])
    said = capsys.readouterr().err
    resumed = answer(["distill", str(job), "--out", str(tmp_path / "out"), "--resume"])

    assert (again, resumed) == (ExitCode.REJECTED, ExitCode.OK)
    assert "--resume goes on with it" in said


@pytest.mark.parametrize(
    "arguments", [["distil"], ["distill"], ["distill", "x.yaml"], ["losses", "--colour"]]
)
def test_a_wrong_command_line_is_a_usage_error(arguments, capsys):
    code = answer(arguments)

    assert code == ExitCode.USAGE == 64
    assert "Usage: still" in capsys.readouterr().err


def test_losses_are_listed_with_their_defaults(capsys):
    answer(["losses"])
    printed = capsys.readouterr().out

    assert "temperature: 4.0" in printed
    assert "arXiv:2506.12542" in printed


def test_losses_as_json_carry_their_schema(capsys):
    answer(["losses", "--json"])
    listed = {loss["kind"]: loss for loss in json.loads(capsys.readouterr().out)}

    assert listed["dkd"]["schema"]["properties"]["beta"]["default"] == 8.0
    assert listed["dkd"]["needs"] == ["student_logits", "teacher_logits", "labels"]


def test_doctor_looks_at_everything(capsys):
    code = answer(["doctor", "--json"])
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}

    assert code == ExitCode.OK
    assert {
        "python",
        "packages",
        "service",
        "devices",
        "processors",
        "sandbox",
        "disk",
    } == set(findings)
    assert "torch 2." in findings["packages"]["found"]


def test_an_unexpected_error_is_a_sentence_and_a_traceback_only_on_request(monkeypatch, capsys):
    def fail(*_arguments, **_options):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("stillhouse.cli.losses.print_grid", fail)

    assert answer(["losses"]) == ExitCode.UNEXPECTED
    assert "Traceback" not in capsys.readouterr().err
    assert answer(["--debug", "losses"]) == ExitCode.UNEXPECTED
    assert "Traceback" in capsys.readouterr().err


CODES = [
    (errors.SpecInvalid(()), 6),
    (errors.DataInvalid("x"), 6),
    (errors.ModelInvalid("x"), 6),
    (errors.WorkdirInvalid("x"), 6),
    (errors.BundleInvalid("x"), 6),
    (errors.DeviceUnavailable("x"), 6),
    (errors.TeacherUnfit("x"), 3),
    (errors.ExportFailed("x"), 3),
    (errors.StorageFailed("x"), 3),
    (errors.Diverged("x"), 3),
    (errors.OutOfMemory("x"), 3),
    (errors.Stopped("x"), 130),
    (errors.ExtraMissing("x"), 1),
    (errors.LossInputInvalid("x"), 6),
]


@pytest.mark.parametrize(("error", "code"), CODES, ids=lambda value: type(value).__name__)
def test_every_error_has_its_exit_code(error, code):
    assert code == exit_code_of(error)


def test_the_table_of_exit_codes_is_complete():
    assert set(errors.KdError.__subclasses__()) == {type(error) for error, _ in CODES}


def test_lines_tell_of_a_file_that_could_not_be_made():
    failed = events.ArtifactFailed(name="onnx", format="onnx", reason="no Fft", required=False)

    assert Lines().lines(failed) == ["onnx cannot be shipped: no Fft"]


def test_lines_tell_warnings_with_their_way_out():
    told = Lines().lines(events.Warned(code="data", message="two files ignored", hint="look"))

    assert told == ["warning: two files ignored", "  look"]


def still(command, cwd):
    """Run in a shell, as a user with a pipe does."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{sys.prefix}/bin:/usr/bin:/bin"},
    )


@pytest.mark.parametrize("reader", ["| head -1", ">/dev/full", ">&-"])
def test_a_run_goes_on_when_nobody_reads_it(job, tmp_path, reader):
    result = still(f"still distill {job} --out out {reader}", tmp_path)
    last = json.loads((tmp_path / "out/events.jsonl").read_text().splitlines()[-1])

    assert (result.returncode, result.stderr) == (0, "")
    assert last["type"] == "job.succeeded"


def test_text_of_strangers_does_not_reach_the_terminal_raw(job, tmp_path):
    change(job, **{"k\x1b[31m\nx": 1})
    result = still("still distill job.yaml --out out", tmp_path)

    assert "\x1b" not in result.stderr
    assert "/k\\x1b[31m\\nx: there is no key" in result.stderr


def test_a_name_is_not_markup_on_a_terminal(job, tmp_path):
    change(job, name="a[/nope]b")
    result = still("script -qec 'still distill job.yaml --out o[x]t' typescript", tmp_path)

    assert result.returncode == 0
    assert "a[/nope]b on cpu" in result.stdout
    assert "o[x]t/report.json" in result.stdout


def test_ten_thousand_mistakes_are_summed_up(job, tmp_path, capsys):
    change(job, **{f"key{number}": 1 for number in range(10_000)})
    answer(["distill", str(job), "--out", str(tmp_path / "out")])
    said = capsys.readouterr().err

    assert said.count("\n") < 50
    assert "and 9980 more" in said


@pytest.mark.parametrize("place", ["/proc/nowhere/out", f"{'x' * 300}"])
def test_a_place_that_cannot_be_written_is_a_sentence(job, tmp_path, place, capsys):
    code = answer(["distill", str(job), "--out", str(tmp_path / place)])

    assert code == ExitCode.REJECTED
    assert "the folder cannot be made" in capsys.readouterr().err


def test_a_device_that_is_not_there_is_a_sentence(job, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    change(job, resources={"device": "cuda"})
    code = answer(["distill", str(job), "--out", str(tmp_path / "out")])

    assert code == ExitCode.REJECTED
    assert "/resources/device: this machine has no CUDA device" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
