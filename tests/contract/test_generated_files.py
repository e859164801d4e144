"""The check of the generated files, which `./dev check` runs, says when they are not fresh."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def generate(root, *arguments):
    return subprocess.run(
        [sys.executable, root / "tools/generate.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    for name in ("tools", "kd_core", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_a_stale_file_is_named(copy):
    (copy / "kd_core/architectures.txt").write_text("resnet18\n")

    result = generate(copy, "--check")

    assert result.returncode == 1
    assert "stale: kd_core/architectures.txt" in result.stdout


def test_types_of_the_dashboard_are_made_from_the_document(copy):
    """Once what makes them is there; for it stands something that repeats what it was given."""
    dashboard = copy / "dashboard"
    (dashboard / "node_modules/.bin").mkdir(parents=True)
    (dashboard / "node_modules/.bin/openapi-typescript").touch()
    (dashboard / "src/api").mkdir(parents=True)
    (dashboard / "package.json").write_text('{"scripts": {"api-types": "cat"}}')

    result = generate(copy)

    assert result.returncode == 0, result.stderr
    assert "written: dashboard/src/api/schema.d.ts" in result.stdout
    assert "/v1/jobs" in json.loads((dashboard / "src/api/schema.d.ts").read_text())["paths"]
