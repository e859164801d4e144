"""The examples for a CI, run as it would: the base package, a job, its gates, what is kept."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.support.gated_jobs import SMALL, TINY, cases, stripes, write_job
from tests.support.local_service import Home, service
from tests.support.pipelines import CANCELLED, FAILED, SUCCEEDED, Run, github, gitlab

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with service(Home(tmp_path_factory.mktemp("home"))) as running:
        yield running.home


@pytest.fixture(scope="module")
def dataset(home):
    return stripes(home)


@pytest.fixture(scope="module")
def given(home, tmp_path_factory):
    """What a repository tells its CI: the service, the key, and where the package is."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    known = dict(line.split(" = ") for line in home.config.read_text().splitlines())
    return {
        "STILLHOUSE_URL": known["url"].strip('"'),
        "STILLHOUSE_API_KEY": known["key"].strip('"'),
        "STILLHOUSE_PACKAGE": str(wheel),
    }


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A fresh Python, as `setup-python` or an image gives it."""
    folder = tmp_path_factory.mktemp("machine")
    venv.create(folder, with_pip=True)
    left_out = ("STILLHOUSE_", "PYTHON")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    rooms = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "STATE")}
    constraints = {"PIP_CONSTRAINT": str(ROOT / "constraints.txt")}
    return kept | rooms | constraints | {"PATH": f"{folder}/bin:{kept['PATH']}"}


@pytest.fixture
def pipeline(machine, dataset, tmp_path):
    """A function: a checkout with a job of these gates, and the pipeline that runs in it."""

    def made(*gates, leave_at=None, **recipe):
        write_job(tmp_path / "job.yaml", dataset, recipe=recipe, gates=[*gates])
        return Run(tmp_path, dict(machine), leave_at=leave_at)

    return made


def outcomes(path):
    return [case[0].tag if len(case) else "passed" for case in cases(path)]


@pytest.mark.parametrize("ci", [github, gitlab])
def test_a_student_that_is_good_enough_is_green_and_kept(ci, pipeline, given):
    run = pipeline(SMALL)
    kept = ci(run, given)

    assert (SUCCEEDED, {0}) == (run.state, set(run.codes)), run.printed
    assert kept
    assert all(path.exists() for path in kept)
    assert (run.folder / "student/artifacts/safetensors/model.safetensors").is_file()
    assert (run.folder / "student/report.json").is_file()
    assert ["passed"] == outcomes(run.folder / "gates.xml")


@pytest.mark.parametrize("ci", [github, gitlab])
def test_a_student_that_is_not_is_red_and_kept_with_what_it_missed(ci, pipeline, given):
    run = pipeline(SMALL, TINY)
    kept = ci(run, given)

    assert (FAILED, 2) == (run.state, max(run.codes)), run.printed
    assert "verdict: failed, 1 of 2 gates" in run.printed
    assert all(path.exists() for path in kept)
    assert ["passed", "failure"] == outcomes(run.folder / "gates.xml")


@pytest.mark.parametrize("ci", [github, gitlab])
def test_a_job_that_is_refused_is_red_and_nothing_is_kept(ci, pipeline, given):
    run = pipeline(SMALL | {"of": "onnx"})
    ci(run, given)

    assert (FAILED, 6) == (run.state, max(run.codes)), run.printed
    assert "/gates/0/of" in run.printed
    assert not (run.folder / "gates.xml").exists()


@pytest.mark.parametrize("ci", [github, gitlab])
def test_a_pipeline_that_is_cancelled_takes_its_job_with_it(ci, pipeline, given, home):
    run = pipeline(TINY, epochs=100_000, checkpoint_every_s=60, leave_at="still watch")
    ci(run, given)
    job = (run.folder / "submitted").read_text().split()[0]

    assert CANCELLED == run.state
    assert 4 == home.still("watch", job).returncode
    assert "error" in outcomes(run.folder / "gates.xml")
