"""`still demo`: from nothing to a table, and nothing left but the files."""

import re
import signal
from subprocess import PIPE, Popen

import pytest

from tests.support.local_service import BIN, Home, processes_of, service

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_demo_ends_in_a_table_and_leaves_the_files(tmp_path):
    home = Home(tmp_path)
    del home.environ["OMP_NUM_THREADS"]
    home.environ["TMPDIR"] = str(tmp_path / "tmp")
    (tmp_path / "tmp").mkdir()
    result = home.still("demo")
    files = set(re.findall(r"^file     (.*)$", result.stdout, flags=re.MULTILINE))

    assert result.returncode == 0, result.stderr
    for row in ("teacher", "student", "safetensors"):
        assert re.search(rf"^{row} +9\d\.\d%", result.stdout, flags=re.MULTILINE)
    assert "training student\n  epoch 1  " in result.stdout
    assert re.search(r"^service  http://127\.0\.0\.1:\d+ ", result.stdout, flags=re.MULTILINE)
    assert all((tmp_path / file).is_file() for file in files)
    assert "stillhouse-demo/report.json" in files
    assert list((tmp_path / "tmp").glob("stillhouse*")) == []
    assert not home.config.exists()
    assert processes_of(tmp_path / "tmp") == set()


def test_the_demo_uses_a_service_that_runs_and_ctrl_c_leaves_it_alone(tmp_path):
    with service(Home(tmp_path)) as running:
        home, url = running.home, running.facts["url"]
        words = [BIN / "still", "demo", "--url", url]
        with Popen(words, cwd=tmp_path, env=home.environ, stdout=PIPE, text=True) as demo:
            said = [demo.stdout.readline(), demo.stdout.readline()]
            demo.send_signal(signal.SIGINT)
        (job,) = home.json("jobs")
        cancelled = home.json("cancel", job["id"], "--wait")

    assert said == [f"the service runs at {url}\n", "queued\n"]
    assert demo.returncode == 130
    assert (job["name"], cancelled["state"]) == ("digits", "cancelled")


def test_a_place_for_the_files_that_cannot_be_used_is_told_first(tmp_path):
    (tmp_path / "stillhouse-demo").touch()
    result = Home(tmp_path).still("demo")

    assert result.returncode == 6
    assert "stillhouse-demo: this is not a folder" in result.stderr
