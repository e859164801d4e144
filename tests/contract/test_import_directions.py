"""The directions of imports hold, and each contract breaks when it is broken."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

# For each contract: the file that breaks it, and the line that does.
PLANTED = {
    "service-above-science": ("kd_core/metrics.py", "import stillhouse.cli.main"),
    "science-alone": ("kd_core/metrics.py", "import click"),
    "science-layers": ("kd_core/ops.py", "import kd_core.training.trainer"),
    "service-layers": ("worker/failures.py", "import api.auth"),
    "stillhouse-rooms": ("stillhouse/unplaced.py", "import json"),
    "command-over-http": ("stillhouse/cli/jobs.py", "import stillhouse.store"),
    "celery-in-the-worker-only": ("api/doorbell.py", "import celery"),
    "fastapi-in-the-api-only": ("worker/failures.py", "import fastapi"),
    "sql-in-the-store-only": ("stillhouse/domain/ids.py", "import sqlalchemy"),
    "torch-in-the-science-only": ("stillhouse/cli/losses.py", "def table():\n    import torch"),
}


def lint(folder):
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path):
    ignored = shutil.ignore_patterns("__pycache__")
    for room in ("api", "kd_core", "stillhouse", "worker"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_as_it_is_keeps_every_contract(copy):
    result = lint(copy)

    assert result.returncode == 0, result.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_there_is_a_planted_import_for_every_contract():
    assert {contract["id"] for contract in CONTRACTS} == set(PLANTED)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_a_forbidden_import_breaks_its_contract(copy, contract):
    name, line = PLANTED[contract["id"]]
    file = copy / name
    file.write_text((file.read_text() if file.exists() else "") + f"\n{line}\n")

    result = lint(copy)

    assert result.returncode == 1
    assert f"{contract['name']} BROKEN" in result.stdout
