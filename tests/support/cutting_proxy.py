"""A proxy that breaks connections: what a train in a tunnel does to a download or an upload."""

from __future__ import annotations

import re
import socket
import threading
from contextlib import suppress
from typing import Self

BUFFER = 4096
NEVER = 1 << 40


class CuttingProxy:
    """Passes bytes to a port of this machine and back. Its first connections are cut, each after so
    many bytes of answers, or of questions; it remembers what was asked, and how much of the answers
    it passed on.
    """

    def __init__(self, port: int, cuts: list[int], asking: list[int] | None = None) -> None:
        self._target = port
        self._cuts = list(cuts)
        self._asking = list(asking or [])
        self.asked = bytearray()
        self.answered: list[int] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        # close() alone does not wake a thread that waits in accept().
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(20)

    @property
    def ranges(self) -> list[str]:
        return re.findall(r"(?mi)^range: (.*)\r$", self.asked.decode())

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            left = self._cuts.pop(0) if self._cuts else NEVER
            mute = self._asking.pop(0) if self._asking else NEVER
            self.answered.append(0)
            for work, arguments in (
                (self._ask, (client, server, mute)),
                (self._answer, (client, server, left, len(self.answered) - 1)),
            ):
                self._threads.append(threading.Thread(target=work, args=arguments, daemon=True))
                self._threads[-1].start()

    def _ask(self, client: socket.socket, server: socket.socket, left: int) -> None:
        with suppress(OSError):
            while data := client.recv(min(BUFFER, left)):
                self.asked += data
                server.sendall(data)
                left -= len(data)
            server.shutdown(socket.SHUT_WR)
            if not left:
                client.shutdown(socket.SHUT_RDWR)

    def _answer(self, client: socket.socket, server: socket.socket, left: int, place: int) -> None:
        with suppress(OSError):
            while data := server.recv(min(BUFFER, left)):
                client.sendall(data)
                self.answered[place] += len(data)
                left -= len(data)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
