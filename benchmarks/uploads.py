"""A large file to the service and back: the memory that it takes there, and the speed of it.

A server process of its own, with books in SQLite and blobs in a folder; the client is in this
process. The reference of the memory is what is allowed, that of the speed a copy of the same file
in the same folder, read once and synced. An upload is read and hashed by the client, sent in parts,
hashed and synced as they arrive, and read, hashed and written once more as a whole.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.comparison import Row, arguments, finish
from stillhouse.client import StillhouseClient
from stillhouse.domain.uploads import UploadKind
from stillhouse.store import create_engine, session_factory
from stillhouse.store.artifacts import MODEL
from tests.support.api import new_key
from tests.support.api_server import Server
from tests.support.databases import migrated_sqlite
from tests.support.processes import forget_peak, peak_mb
from tests.support.service import TENANT, World

GIB = 1 << 30
BLOCK = 1 << 26
ALLOWED_MB = 150.0
PATIENCE_S = 300.0  # the bytes are checked against their digest before the first of them leaves
MB = 1e6


def everything(size: int) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="bench-uploads-") as name:
        room = Path(name)
        url = f"sqlite:///{migrated_sqlite(room / 'stillhouse.db')}"
        engine = create_engine(url)
        world = World(session_factory(engine))
        file = written(room / "large.safetensors", size)
        copying_s = timed(lambda: copied(file, room / "copy"))
        with Server(room, None, new_key(world.sessions, TENANT), url) as server:
            yield from upload(server, file, copying_s)
            yield from download(server, world, file, copying_s)
        engine.dispose()


def upload(server: Server, file: Path, copying_s: float) -> Iterator[Row]:
    with StillhouseClient(server.url, server.key) as client:
        began = forget_peak(server.process.pid)
        took_s = timed(lambda: client.uploads.send(file, UploadKind.MODEL))
        more = peak_mb(server.process.pid) - began
    yield from rows("upload", file.stat().st_size, more, took_s, copying_s)


def download(server: Server, world: World, file: Path, copying_s: float) -> Iterator[Row]:
    path = f"/v1/artifacts/{made_of(server, world, file.stat().st_size)}/content"
    target = file.with_name("back")

    def fetch() -> None:
        with (
            server.client.stream("GET", path, timeout=PATIENCE_S) as answer,
            target.open("wb") as back,
        ):
            for chunk in answer.iter_raw(1 << 20):
                back.write(chunk)
            os.fsync(back.fileno())

    began = forget_peak(server.process.pid)
    took_s = timed(fetch)
    more = peak_mb(server.process.pid) - began
    if target.stat().st_size != file.stat().st_size:
        raise RuntimeError("the download is not whole")
    yield from rows("download", file.stat().st_size, more, took_s, copying_s)


def made_of(server: Server, world: World, size: int) -> str:
    """An artifact with the bytes that were uploaded last; its id."""
    sha256 = server.client.get("/v1/uploads").json()["data"][0]["sha256"]
    token = world.running()
    with world.work() as uow:
        made = {"name": MODEL, "format": "safetensors", "blob_sha256": sha256}
        return str(uow.attempts.add_artifact(token, size_bytes=size, **made).id)


def rows(name: str, size: int, more: float, took_s: float, copying_s: float) -> Iterator[Row]:
    case = f"{size / GIB:g} GiB"
    allowed = ALLOWED_MB / max(more, 1.0)
    yield Row(f"{name}: memory", case, more, ALLOWED_MB, "MB more", allowed, 1.0, slack=1.0)
    ours, reference = (size / MB / seconds for seconds in (took_s, copying_s))
    yield Row(f"{name}: speed", case, ours, reference, "MB/s", ours / reference)


def written(path: Path, size: int) -> Path:
    """No block is like another: they would be one blob."""
    block = os.urandom(BLOCK)
    with path.open("wb") as file:
        for number in range(size // BLOCK):
            file.write(number.to_bytes(8, "big") + block[8:])
    return path


def copied(source: Path, target: Path) -> None:
    with source.open("rb") as given, target.open("wb") as made:
        shutil.copyfileobj(given, made, 1 << 20)
        os.fsync(made.fileno())
    target.unlink()


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> int:
    given = arguments(__doc__ or "").parse_args()
    return finish(everything(GIB // 4 if given.quick else 2 * GIB), given)


if __name__ == "__main__":
    sys.exit(main())
