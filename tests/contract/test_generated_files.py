"""The check of the generated files, which `./dev check` runs, says when they are not fresh."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def generate(root, *arguments):
    return subprocess.run(
        [sys.executable, root / "tools/generate.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stale_file_is_named(tmp_path):
    for name in ("tools", "kd_core", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "kd_core/architectures.txt").write_text("resnet18\n")

    result = generate(tmp_path, "--check")

    assert result.returncode == 1
    assert "stale: kd_core/architectures.txt" in result.stdout
