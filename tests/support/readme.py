"""The blocks of the README, so that tests run what a stranger would type."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language, containing):
    """The text of a fenced block: the language stands on its opening line."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
    return next(text for name, text in fences if name == language and containing in text)
