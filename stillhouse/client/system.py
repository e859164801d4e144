"""The system: the machines that jobs run on, and the room that files take."""

from __future__ import annotations

from collections.abc import Sequence

from stillhouse.client.answers import Answer, Storage, Worker
from stillhouse.client.wire import Wire


class _Workers(Answer):
    data: tuple[Worker, ...]


class System:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def workers(self) -> Sequence[Worker]:
        return self._wire.read(_Workers, "GET", "/v1/workers").data

    def storage(self) -> Storage:
        return self._wire.read(Storage, "GET", "/v1/storage")
