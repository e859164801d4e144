"""The OpenAPI document of this code, without a service that runs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from api.main import create_app
from stillhouse.runtime.settings import Settings


def document() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return create_app(Settings(data_dir=Path(folder))).openapi()
