"""The OpenAPI document, as a running service would serve it, and what tests read of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.main import create_app
from stillhouse.runtime.settings import Settings


def openapi_document(folder: Path) -> dict[str, Any]:
    return create_app(Settings(data_dir=folder, broker_url="redis://127.0.0.1:1/0")).openapi()


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """With what schemathesis calls them: `GET /v1/jobs`."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation
