"""The document as it is served: what FastAPI knows, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api.document.examples import add_examples
from api.document.links import add_links
from api.document.schemas import add_schemas
from api.document.scopes import add_scopes


class DocumentedApi(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            add_schemas(document)
            add_examples(document)
            add_links(document)
            add_scopes(document, self.state.routes)
        return self.openapi_schema or {}
