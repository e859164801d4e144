"""A client that is never what is waited for: requests as bytes, a few connections, one thread."""

from __future__ import annotations

import os
import re
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self

CONNECTIONS = 8
PATIENCE_S = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """One request, and the status that every answer to it must have."""

    port: int
    path: str
    processes: Callable[[], Iterable[int]]
    """All that work on an answer."""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    status: int = 200

    @property
    def sent(self) -> bytes:
        told = {"Host": "bench", **self.headers}
        lines = [f"GET {self.path} HTTP/1.1", *(f"{name}: {text}" for name, text in told.items())]
        return "\r\n".join([*lines, "", ""]).encode()

    def once(self) -> bytes:
        """The head of one answer."""
        with Asking(self, connections=1) as asking:
            return asking.heads(1)[0]

    def seconds_each(self, for_s: float) -> float:
        """Of processors, for one answer, while the service has several to give: what neighbours on
        the machine take does not count.
        """
        with Asking(self, CONNECTIONS) as asking:
            asking.heads(CONNECTIONS)  # connected, and every thread of the service is there
            began, used = time.perf_counter(), self._used_s()
            answered = 0
            while time.perf_counter() - began < for_s:
                answered += len(asking.heads(CONNECTIONS))
            return (self._used_s() - used) / answered

    def _used_s(self) -> float:
        return sum(map(used_s, self.processes()))


def used_s(process: int) -> float:
    """How long it has been on a processor, with all its threads."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


class Asking:
    """Connections over which one question is asked again and again."""

    def __init__(self, question: Question, connections: int) -> None:
        self._question, self._bytes = question, question.sent
        self._selector = selectors.DefaultSelector()
        self._connections = connections

    def __enter__(self) -> Self:
        for _ in range(self._connections):
            address = ("127.0.0.1", self._question.port)
            connection = socket.create_connection(address, timeout=PATIENCE_S)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(connection, selectors.EVENT_READ, bytearray())
            connection.sendall(self._bytes)
        return self

    def __exit__(self, *_: object) -> None:
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)  # noqa: S101 - by registration
            key.fileobj.close()
        self._selector.close()

    def heads(self, least: int) -> list[bytes]:
        """At least so many answers; each connection that was answered asks again at once."""
        found: list[bytes] = []
        while len(found) < least:
            for key, _ in self._selector.select(PATIENCE_S):
                assert isinstance(key.fileobj, socket.socket)  # noqa: S101 - by registration
                if (head := self._read(key.fileobj, key.data)) is not None:
                    found.append(head)
                    key.fileobj.sendall(self._bytes)
        return found

    def _read(self, connection: socket.socket, buffer: bytearray) -> bytes | None:
        piece = connection.recv(1 << 18)
        if not piece:
            raise ConnectionError(f"{self._question.path}: the service hung up")
        buffer += piece
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(buffer[:end])
        length = _LENGTH.search(head)
        if len(buffer) < end + 4 + (int(length[1]) if length else 0):
            return None
        buffer.clear()
        if not head.startswith(b"HTTP/1.1 %d " % self._question.status):
            raise ValueError(f"{self._question.path}: {head.decode(errors='replace')}")
        return head
