"""The loss that the documentation adds, and copies of the science to drop its file into."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]

DOCUMENT = (ROOT / "docs/adding-a-loss.md").read_text(encoding="utf-8")
BRIER = DOCUMENT.split("```python\n")[1].split("```\n")[0]


def copied(name, place):
    shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))


def drop_brier(place):
    """Into a copy: this one file, and nothing else."""
    (place / "kd_core/losses/brier.py").write_text(BRIER, encoding="utf-8")
