"""Whether the process can do its work: database, broker and blobs are asked, none waited for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio
import structlog
from anyio import CapacityLimiter, to_thread
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.health.schemas import CheckResult
from api.services import Services

log = structlog.get_logger(__name__)

PATIENCE_S = 2.0
BROKER_PATIENCE_S = 1.0
MOST_AT_ONCE = 12


class Checks:
    """Threads of their own: a database that hangs must not take those of the requests with it."""

    def __init__(self) -> None:
        self._threads = CapacityLimiter(MOST_AT_ONCE)

    async def run(self, services: Services) -> dict[str, CheckResult]:
        checks: dict[str, Callable[[], str]] = {
            "database": partial(_database, services),
            "broker": partial(_broker, services.settings.broker_url),
            "blobs": partial(_blobs, services.settings.blobs),
        }
        results: dict[str, CheckResult] = {}
        async with anyio.create_task_group() as tasks:
            for name, check in checks.items():
                tasks.start_soon(self._run_one, name, check, results)
        return {name: results[name] for name in checks}

    async def _run_one(
        self, name: str, check: Callable[[], str], results: dict[str, CheckResult]
    ) -> None:
        detail = f"no answer within {PATIENCE_S:g} s"
        with anyio.move_on_after(PATIENCE_S):
            try:
                detail = await to_thread.run_sync(
                    check, abandon_on_cancel=True, limiter=self._threads
                )
            except Exception:
                # Its words may name hosts and paths, and this answer is open to everybody.
                log.warning("check.failed", check=name, exc_info=True)
                detail = "did not answer"
        results[name] = CheckResult(ok=not detail, detail=detail)


def _database(services: Services) -> str:
    if services.database_is_current():
        return ""
    return "has not the schema of this release: run stillhouse-admin migrate"


def _broker(url: str) -> str:
    client = Redis.from_url(
        url,
        socket_connect_timeout=BROKER_PATIENCE_S,
        socket_timeout=BROKER_PATIENCE_S,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        client.ping()
    except RedisError:
        return "did not answer"
    finally:
        client.close()
    return ""


def _blobs(folder: Path) -> str:
    with tempfile.TemporaryFile(dir=folder / "tmp") as probe:
        probe.write(b"ready")
    return ""
