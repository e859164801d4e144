"""A client generated from the OpenAPI document: nothing is left out, it is well typed, it works."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.documents import openapi_document, operations_of
from tests.support.local_service import Home, service
from tests.support.small_runs import small_data

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/generated_client.py"


def run(*words, cwd, **environ):
    return subprocess.run(
        [sys.executable, "-m", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return openapi_document(tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def written(tmp_path_factory, document):
    """The folder with the client and the program that uses it."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(json.dumps(document))
    # Its last step is ruff from the PATH, which a bare interpreter does not have.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    words = ["--path", "openapi.json", "--output-path", "stillhouse_client", "--meta", "none"]
    words += ["--config", EXAMPLE.with_suffix(".yml"), "--fail-on-warning"]
    made = run("openapi_python_client", "generate", *words, cwd=folder, PATH=path)
    assert made.returncode == 0, made.stdout + made.stderr
    shutil.copy(EXAMPLE, folder)
    return folder


def test_every_operation_is_a_module_of_the_client(written, document):
    modules = {path.stem for path in written.glob("stillhouse_client/api/*/*.py")}

    assert {one["operationId"] for _, one in operations_of(document)} == modules - {"__init__"}


def test_the_client_and_the_program_that_uses_it_are_well_typed(written):
    settings = written / "mypy.ini"
    # What the generator writes for every API, whatever its document says.
    settings.write_text(
        "[mypy]\ncheck_untyped_defs = True\n"
        "[mypy-stillhouse_client.client]\ndisable_error_code = arg-type\n"
    )
    words = ["--config-file", settings, "--cache-dir", written / ".mypy"]
    result = run("mypy", *words, "-p", "stillhouse_client", "-m", EXAMPLE.stem, cwd=written)

    assert result.returncode == 0, result.stdout
    assert "Success: no issues found in" in result.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_takes_a_data_set_to_a_bundle(written, tmp_path):
    data = small_data(tmp_path / "stripes.npz", count=40)
    with service(Home(tmp_path)) as up:
        key = Path(up.facts["key_file"]).read_text().strip()
        told = {"STILLHOUSE_URL": up.facts["url"], "STILLHOUSE_API_KEY": key}
        result = run(EXAMPLE.stem, data, cwd=written, **told)

    assert result.returncode == 0, result.stdout + result.stderr
    job, verdict = result.stdout.strip().split(": ")
    assert verdict == "not_evaluated"  # no gates were asked for
    with tarfile.open(written / f"{job}.tar") as bundle:
        names = {Path(name).name for name in bundle.getnames()}
    assert {"model.safetensors", "report.json"} <= names
