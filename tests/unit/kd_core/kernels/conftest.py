"""Triton's interpreter, started once for all tests of kernels."""

import pytest

from tests.support.kernel_process import interpreter


@pytest.fixture(scope="session")
def interpreted():
    with interpreter() as run:
        yield run
