"""What a specification may name: losses and students, as this service knows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import RootModel

from stillhouse.client.answers import Answer
from stillhouse.client.wire import Wire


class _Names(Answer):
    data: tuple[str, ...]


class _Losses(RootModel[list[dict[str, Any]]]):
    pass


class Catalog:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def losses(self) -> list[dict[str, Any]]:
        return self._wire.read(_Losses, "GET", "/v1/catalog/losses").root

    def students(self, containing: str | None = None) -> Sequence[str]:
        query = {"q": containing}
        return self._wire.read(_Names, "GET", "/v1/catalog/students", query=query).data
