"""Workers start trainers; they never load what trainers load."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["worker.app", "worker.reconciler", "worker.leashed", "kd_core.zygote"]
)
def test_importing_imports_no_torch(module):
    heavy = "{'torch', 'timm', 'numpy', 'PIL', 'sklearn'}"
    code = f"import {module}, sys; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert "[]" == result.stdout.strip()
