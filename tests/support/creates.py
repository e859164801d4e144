"""Many clients at once who ask for the same jobs again and again, each under its own key."""

from __future__ import annotations

import http.client
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.support.api_server import Server
from tests.support.service import document

PATH = "/v1/jobs"
BODY = json.dumps(document()).encode()
IN_PROGRESS = (409, "idempotency_in_progress")
PATIENCE_S = 120


@dataclass(frozen=True)
class Created:
    key: str
    status: int
    replayed: bool
    body: bytes

    @property
    def job(self) -> str:
        return str(json.loads(self.body)["id"])


def create(server: Server, connection: http.client.HTTPConnection, key: str) -> Created:
    """Asked again for as long as the first one with this key is running."""
    told = {"Authorization": f"Bearer {server.key}", "Idempotency-Key": key}
    while True:
        connection.request("POST", PATH, BODY, told)
        answer = connection.getresponse()
        body = answer.read()
        if (answer.status, json.loads(body).get("code")) != IN_PROGRESS:
            replayed = answer.getheader("Idempotency-Replayed") == "true"
            return Created(key, answer.status, replayed, body)


def creates(server: Server, keys: list[str], connections: int) -> list[Created]:
    """One request for each entry, over so many connections that work at the same time."""

    def ask(mine: list[str]) -> list[Created]:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
        try:
            return [create(server, connection, key) for key in mine]
        finally:
            connection.close()

    shares = [keys[start::connections] for start in range(connections)]
    with ThreadPoolExecutor(connections) as pool:
        return [created for answers in pool.map(ask, shares) for created in answers]


def shuffled(distinct: int, times: int, seed: int = 0) -> list[str]:
    keys = [f"key-{number}" for number in range(distinct)] * times
    random.Random(seed).shuffle(keys)
    return keys
