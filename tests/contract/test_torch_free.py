"""What describes is torch-free, and the lint rule that keeps it so bites in every file."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stillhouse.cli.verbs import VERBS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "modules",
    [
        "stillhouse.cli, kd_core.spec, kd_core.losses.catalog",
        ", ".join(f"stillhouse.cli.{verb.module}" for verb in VERBS.values()),
        "kd_core, kd_core.events, kd_core.report, kd_core.workdir, kd_core.errors",
        "kd_core.pages.html.page, kd_core.pages.markdown, stillhouse.cli.report",
        "kd_core.models.sandbox",
        "api.main, worker.app, worker.reconciler, stillhouse.cli",
        "stillhouse.local.stack, stillhouse.admin.main, stillhouse.client, stillhouse.store",
    ],
)
def test_importing_imports_no_torch(modules):
    heavy = "{'torch', 'timm', 'numpy', 'PIL', 'sklearn'}"
    code = f"import {modules}, sys; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "file", ["kd_core/losses/kd.py", "kd_core/spec/recipe.py", "stillhouse/cli/losses.py"]
)
def test_a_torch_import_at_the_top_of_a_file_is_refused(tmp_path, file):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / file
    planted.parent.mkdir(parents=True)
    planted.write_text((ROOT / file).read_text() + "\nimport torch\n")

    result = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID253", file],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 1
    assert "TID253" in result.stdout
