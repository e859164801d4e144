"""What every room of the tests shares: calm threads, and small runs to try things on.

Nothing here imports numpy or torch before a test asks: some rooms are tested without them.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile

# Before anything imports torch. Two suites on one machine must not starve each other.
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ.setdefault("OMP_NUM_THREADS", "1")
# An interpreter started by a test writes bytecode, or each would compile torch anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import pytest

# What a test decodes is not for whoever runs the tests to find in a home folder.
CACHE = tempfile.mkdtemp(prefix="stillhouse-cache-")
os.environ["STILLHOUSE_CACHE_DIR"] = CACHE


def pytest_unconfigure():
    shutil.rmtree(CACHE, ignore_errors=True)


def pytest_configure():
    # Whoever starts this in the background of a script has SIGINT ignored, and every child
    # inherits that: what Ctrl-C does could not be tested.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def spec(tmp_path):
    """A run of seconds: twenty striped images in two classes, in `data.npz` beside it."""
    from tests.support.small_runs import small_data, small_spec

    small_data(tmp_path / "data.npz")
    return small_spec()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder that `file:` sources of a mapping are relative to."""
    from tests.support.small_runs import small_data

    monkeypatch.chdir(tmp_path)
    small_data(tmp_path / "data.npz")
    return tmp_path


def pytest_runtest_setup(item):
    # One reason each, so that the summary names every test that this machine could not run.
    if item.get_closest_marker("gpu") is None:
        return
    import torch

    if not torch.cuda.is_available():
        pytest.skip(f"no CUDA device here to run {item.name} on")
