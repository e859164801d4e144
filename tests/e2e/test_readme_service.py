"""What the README tells a stranger to type against the service: curl, the command, a CI step."""

import shutil
import subprocess
import zipfile
from io import BytesIO

import pytest
import yaml
from PIL import Image

import kd_core
from kd_core.verification import verified
from tests.support.local_service import BIN, Home, service
from tests.support.readme import block
from tests.support.small_runs import stripes

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
SIDE = 32


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A service, and the stranger's own files: a checkpoint and an archive of images."""
    with service(Home(tmp_path_factory.mktemp("home"))) as up:
        images, labels = stripes(60, side=SIDE)
        with zipfile.ZipFile(up.home.folder / "shelves.zip", "w") as archive:
            for number, (image, label) in enumerate(zip(images, labels, strict=True)):
                png = BytesIO()
                Image.fromarray(image).save(png, "PNG")
                archive.writestr(f"{['empty', 'full'][label]}/{number}.png", png.getvalue())
        spec = {
            "student": {"architecture": "test_resnet"},
            "data": {"dataset": f"file:{up.home.folder}/shelves.zip", "image_size": SIDE},
            "loss": "ce",
            "recipe": {"preset": "quick", "epochs": 6, "batch_size": 8},
            "resources": {"threads": 1},
        }
        trained = up.home.folder / "trained"
        kd_core.distill(spec, trained)
        shutil.copy(
            trained / "artifacts/safetensors/model.safetensors",
            up.home.folder / "teacher.safetensors",
        )
        yield up


def shell(up, text, folder, **environ):
    """In the folder of the stranger's files, with the command and the key at hand."""
    for name in ("teacher.safetensors", "shelves.zip"):
        shutil.copy(up.home.folder / name, folder)
    path = f"{BIN}:{up.home.environ['PATH']}"
    return subprocess.run(
        ["bash", "-eu", "-c", text],
        cwd=folder,
        env={**up.home.environ, "PATH": path, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def key_of(up):
    return next(
        line.split('"')[1] for line in up.home.config.read_text().splitlines() if "key" in line
    )


def test_a_job_with_curl_alone(running, tmp_path):
    told = {"STILLHOUSE_URL": running.facts["url"], "STILLHOUSE_API_KEY": key_of(running)}
    result = shell(running, block("sh", "api()"), tmp_path, **told)

    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "succeeded"
    assert verified(tmp_path / "student").holds


def test_a_job_with_the_command_and_as_a_step_of_ci(running, tmp_path):
    result = shell(running, block("sh", "still watch"), tmp_path)
    ci = subprocess.run(
        ["bash", "-c", block("sh", "--timeout 3600")],
        cwd=tmp_path,
        env={**running.home.environ, "PATH": f"{BIN}:{running.home.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert ci.returncode == 0, ci.stderr
    assert (tmp_path / "student/artifacts/safetensors/model.safetensors").stat().st_size > 100_000
    assert yaml.safe_load((tmp_path / "service.yaml").read_text())["loss"] == "dkd"
