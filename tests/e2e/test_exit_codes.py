"""One number for each way that a job can end, as a pipeline reads it from `still submit --wait`."""

import json
import signal
import subprocess
from subprocess import PIPE, Popen

import pytest

from stillhouse.local.ports import free_port
from tests.support.gated_jobs import SMALL, TINY, cases, stripes, write_job
from tests.support.local_service import BIN, Home, service

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LONG = {"epochs": 100_000, "checkpoint_every_s": 60}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with service(Home(tmp_path_factory.mktemp("home"))) as running:
        yield running.home


@pytest.fixture(scope="module")
def job(home):
    """A function: the path of a job of a second or two on forty images, with these changes."""
    dataset = stripes(home)

    def written(name, recipe=None, **changes):
        path = home.folder / f"{name}.yaml"
        return write_job(path, dataset, name=name, recipe=recipe, **changes)

    return written


@pytest.fixture(scope="module")
def passed(home, job):
    return home.still("submit", job("passed", gates=[SMALL]), "--wait")


@pytest.fixture(scope="module")
def failed(home, job):
    return home.still("submit", job("failed", gates=[SMALL, TINY]), "--wait")


def id_of(result):
    return result.stdout.split()[0]


def test_0_where_every_gate_passed(passed):
    assert 0 == passed.returncode, passed.stderr
    assert passed.stdout.splitlines()[-1] == "verdict: passed, 1 gate"
    assert "safetensors parameters <= 10000000" in passed.stdout


def test_0_where_there_are_no_gates(home, job):
    result = home.still("submit", job("ungated"), "--wait")
    asked = home.still("verdict", id_of(result))

    assert (0, 0) == (result.returncode, asked.returncode)
    assert "succeeded; it has no gates\n" == asked.stdout


def test_2_where_a_gate_failed_and_the_files_are_there(home, failed):
    pulled = home.json("artifacts", "pull", id_of(failed))

    assert 2 == failed.returncode, failed.stderr
    assert failed.stdout.splitlines()[-1] == "verdict: failed, 1 of 2 gates"
    assert {"report.json", "safetensors/model.safetensors"} <= {f["name"] for f in pulled["files"]}


def test_3_where_the_job_failed(home, job, tmp_path):
    diverging = {"optimizer": {"kind": "sgd", "lr": 100.0, "momentum": 0.99}, "epochs": 20}
    result = home.still("submit", job("diverging", diverging, gates=[SMALL]), "--wait")
    asked = home.still("verdict", id_of(result), "--junit", tmp_path / "gates.xml")

    assert (3, 3) == (result.returncode, asked.returncode), result.stdout
    assert "diverged" in result.stderr
    assert "diverged" in asked.stderr
    assert ["error", "skipped"] == [case[0].tag for case in cases(tmp_path / "gates.xml")]


def test_4_where_the_job_was_cancelled(home, job):
    words = [BIN / "still", "submit", str(job("cancelled", LONG)), "--wait"]
    with Popen(words, env=home.environ, stdout=PIPE, stderr=PIPE, text=True) as waiting:
        told = waiting.stdout.readline().split()[0]
        home.still("cancel", told)
        waiting.communicate()

    assert 4 == waiting.returncode
    assert 4 == home.still("verdict", told).returncode


def test_4_where_the_job_expired(home, job):
    busy = home.json("submit", job("busy", LONG))["id"]
    result = home.still("submit", job("late", limits={"queue_ttl_s": 1}), "--wait")
    home.still("cancel", busy, "--wait")

    assert 4 == result.returncode, result.stdout
    assert "expired" in result.stderr


def test_5_where_the_job_was_not_over_in_time(home, job, tmp_path):
    result = home.still("submit", job("slow", LONG, gates=[TINY]), "--wait", "--timeout", "1")
    told, report = id_of(result), tmp_path / "gates.xml"
    at_once = home.still("verdict", told)
    waited = home.still("verdict", told, "--wait", "--timeout", "1", "--junit", report)
    home.still("cancel", told, "--wait")

    assert (5, 5, 5) == (result.returncode, at_once.returncode, waited.returncode)
    assert "no verdict on 1 gate" in at_once.stdout
    assert "not over; `still watch" in waited.stderr
    assert ["error", "skipped"] == [case[0].tag for case in cases(report)]


def test_6_where_the_job_was_refused(home, job):
    result = home.still("submit", job("refused", gates=[SMALL | {"of": "onnx"}]), "--wait")

    assert 6 == result.returncode
    assert "/gates/0/of: nothing called 'onnx' is made" in result.stderr
    assert "there is student, safetensors" in result.stderr
    assert 6 == home.still("verdict", "job_" + "0" * 26).returncode


def test_64_where_the_command_line_is_wrong(home, job):
    assert 64 == home.still("submit", job("usage"), "--timeout", "1").returncode
    assert 64 == home.still("submit", "--wait").returncode


def test_1_where_nobody_answers(home, job):
    nowhere = {**home.environ, "STILLHOUSE_URL": f"http://127.0.0.1:{free_port()}"}
    result = subprocess.run(
        [BIN / "still", "submit", job("nowhere"), "--wait"],
        env=nowhere | {"STILLHOUSE_API_KEY": "sh_live_x"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert 1 == result.returncode
    assert "cannot be reached" in result.stderr


def test_130_where_whoever_waited_was_interrupted(home, job):
    words = [BIN / "still", "submit", str(job("left", LONG)), "--wait"]
    with Popen(words, env=home.environ, stdout=PIPE, stderr=PIPE, text=True) as waiting:
        told = waiting.stdout.readline().split()[0]
        waiting.send_signal(signal.SIGINT)
        _, errors = waiting.communicate()
    home.still("cancel", told, "--wait")

    assert 130 == waiting.returncode
    assert f"`still cancel {told}` ends it" in errors


def test_a_verdict_is_asked_for_again_in_every_form(home, failed, tmp_path):
    told, report = id_of(failed), tmp_path / "new/gates.xml"
    words = home.still("verdict", told, "--junit", report)
    document = json.loads(home.still("verdict", told, "--json").stdout)

    assert 2 == words.returncode
    assert words.stdout.splitlines()[-1] == "verdict: failed, 1 of 2 gates"
    assert ("failed", [True, False]) == (
        document["verdict"],
        [gate["passed"] for gate in document["gates"]],
    )
    assert [[], ["failure"]] == [[child.tag for child in case] for case in cases(report)]


def test_a_job_is_shown_with_its_gates(home, failed):
    words = home.still("jobs", "show", id_of(failed))
    document = home.json("jobs", "show", id_of(failed))

    assert 0 == words.returncode
    assert words.stdout.startswith(f"{id_of(failed)}  failed\nsucceeded; ")
    assert words.stdout.splitlines()[-1] == "verdict: failed, 1 of 2 gates"
    assert ("succeeded", 2) == (document["state"], len(document["gates"]))


def test_a_job_has_a_report_to_read_and_a_page(home, failed, tmp_path):
    told, page = id_of(failed), tmp_path / "new/report.html"
    words = home.still("report", told)
    written = home.still("report", told, "--html", page)

    assert words.stdout.startswith("# `failed`: failed\n")
    assert (0, f"{page}\n") == (written.returncode, written.stdout)
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_a_job_that_failed_has_no_report(home, job):
    diverging = {"optimizer": {"kind": "sgd", "lr": 100.0, "momentum": 0.99}, "epochs": 20}
    told = id_of(home.still("submit", job("reportless", diverging), "--wait"))
    asked = home.still("report", told)

    assert 6 == asked.returncode
    assert f"{told} has no report" in asked.stderr


def test_the_last_event_has_the_verdict(home, passed):
    lines = home.still("watch", id_of(passed), "--json").stdout.splitlines()
    last = json.loads(lines[-1])

    assert ("job.succeeded", "passed") == (last["type"], last["data"]["verdict"])
    assert [True] == [gate["passed"] for gate in last["data"]["gates"]]
