"""Benchmarks are not run by tests; what they import may not go away under them all the same."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("name", NAMES)
def test_what_a_benchmark_imports_is_there(name):
    module = importlib.import_module(f"benchmarks.{name}")

    assert module.__doc__
