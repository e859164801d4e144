"""Which scope a key must have for an operation: in OpenAPI the roles of its security."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from api.auth import SCOPES
from api.document.examples import operations


def add_scopes(document: dict[str, Any], routes: Iterable[BaseRoute]) -> None:
    needed = {
        route.operation_id: sorted(set(_scopes(route.dependant)))
        for route in routes
        if isinstance(route, APIRoute)
    }
    for operation in operations(document):
        scopes = needed[operation["operationId"]]
        if scopes:
            operation["security"] = [
                {name: scopes} for way in operation["security"] for name in way
            ]


def _scopes(dependant: Dependant) -> Iterator[str]:
    if dependant.call in SCOPES:
        yield SCOPES[dependant.call].value
    for below in dependant.dependencies:
        yield from _scopes(below)
