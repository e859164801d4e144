"""Downloads over a real socket: what breaks off, and what is cut rather than finished wrong."""

import io
import os
import tarfile
import time

import httpx2
import pytest

from stillhouse.client import Pace, ServerUnreachable, StillhouseClient
from stillhouse.client.downloads import pull
from stillhouse.client.tars import digests_in
from stillhouse.store import DirectoryBlobs, create_engine, session_factory
from stillhouse.store.artifacts import CONFIG, MODEL
from tests.support.api import MIB, sha256
from tests.support.api_server import Server
from tests.support.cutting_proxy import CuttingProxy
from tests.support.service import World


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


@pytest.fixture
def finished(server):
    """A function: a job of the server's that has made these files; its id."""
    engine = create_engine(f"sqlite:///{server.database}")
    world, blobs = World(session_factory(engine)), DirectoryBlobs(server.blobs)
    yield lambda files: world.succeeded(blobs, files)
    engine.dispose()


def test_a_bundle_with_a_damaged_file_is_cut_and_afterwards_refused(server, finished):
    weights = os.urandom(5 * MIB)
    job = finished({MODEL: weights, CONFIG: b"{}"})
    blob = DirectoryBlobs(server.blobs).path(sha256(weights))
    blob.write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    before = server.log.read_text().count("blob.quarantined")
    got = b""
    with (
        pytest.raises(httpx2.RemoteProtocolError),
        server.client.stream("GET", f"/v1/jobs/{job}/bundle") as answer,
    ):
        for chunk in answer.iter_raw():
            got += chunk
    again = server.client.get(f"/v1/jobs/{job}/bundle")

    assert answer.status_code == 200
    assert len(got) < len(weights)
    assert (again.status_code, again.json()["code"]) == (500, "blob_corrupted")
    assert not blob.exists()
    deadline = time.monotonic() + 20
    while server.log.read_text().count("blob.quarantined") == before:
        assert time.monotonic() < deadline


def test_a_large_bundle_arrives_whole(server, finished):
    weights = os.urandom(20 * MIB)
    job = finished({MODEL: weights, CONFIG: b"{}", "report.json": b"{}"})
    answer = server.client.get(f"/v1/jobs/{job}/bundle")
    with tarfile.open(fileobj=io.BytesIO(answer.content), mode="r:") as tar:
        found = [tar.extractfile(member).read() for member in tar]

    assert found == [b"{}", weights, b"{}"]


def client_through(proxy, server):
    pace = Pace(lambda _s: None, chance=lambda: 0.0)
    return StillhouseClient(proxy.url, server.key, pace=pace)


def test_a_pull_through_a_tunnel_asks_only_for_what_is_missing(server, finished, tmp_path):
    weights = os.urandom(3 * MIB)
    job = finished({MODEL: weights})
    with StillhouseClient(server.url, server.key) as client:
        found = client.jobs.artifacts(job)
    cuts = [MIB, MIB]
    with CuttingProxy(server.port, cuts) as proxy, client_through(proxy, server) as client:
        [file] = pull(client.artifacts, found, tmp_path)
        first, second = (int(asked.removeprefix("bytes=").rstrip("-")) for asked in proxy.ranges)

    assert file == tmp_path / "artifacts" / MODEL
    assert file.read_bytes() == weights
    assert 0.9 * MIB < first < MIB
    assert 0.9 * MIB < second - first < MIB
    # Heads of answers are some hundred bytes; no byte of the content came twice.
    assert sum(proxy.answered) - 3 * 1000 < len(weights) < sum(proxy.answered)


def test_a_pull_that_was_killed_is_gone_on_with_by_the_next(server, finished, tmp_path):
    weights = os.urandom(3 * MIB)
    job = finished({MODEL: weights})
    cuts = [10_000] + [0] * 50
    with (
        pytest.raises(ServerUnreachable),
        CuttingProxy(server.port, cuts) as dead,
        client_through(dead, server) as client,
    ):
        pull(client.artifacts, client.jobs.artifacts(job), tmp_path)
    [partial] = [path for path in tmp_path.rglob("*") if path.is_file()]
    have = partial.stat().st_size
    with CuttingProxy(server.port, []) as proxy, client_through(proxy, server) as client:
        pull(client.artifacts, client.jobs.artifacts(job), tmp_path)

    assert 8000 < have < 10_000
    assert [f"bytes={have}-"] == proxy.ranges
    assert (tmp_path / "artifacts" / MODEL).read_bytes() == weights


def test_a_bundle_through_a_tunnel_is_the_bundle(server, finished, tmp_path):
    job = finished({MODEL: os.urandom(2 * MIB), CONFIG: b"{}"})
    whole = server.client.get(f"/v1/jobs/{job}/bundle").content
    cuts = [1_500_000, 600_000]
    with CuttingProxy(server.port, cuts) as proxy, client_through(proxy, server) as client:
        found = client.jobs.artifacts(job)
        client.artifacts.bundle(job, found, tmp_path / "all.tar")
        again = len(proxy.answered)
        client.artifacts.bundle(job, found, tmp_path / "all.tar")

    assert (tmp_path / "all.tar").read_bytes() == whole
    assert ["all.tar"] == [path.name for path in tmp_path.iterdir()]
    assert 2 == len([asked for asked in proxy.ranges if asked != "bytes=0-0"])
    assert sum(proxy.answered) < len(whole) + 8_000
    assert again == len(proxy.answered)


def test_a_bundle_that_is_not_of_the_job_is_replaced(server, finished, tmp_path):
    job = finished({MODEL: b"weights", CONFIG: b"{}"})
    for name in ("all.tar", "all.tar.partial"):
        (tmp_path / name).write_bytes(b"x" * 30_000)
    with StillhouseClient(server.url, server.key) as client:
        client.artifacts.bundle(job, client.jobs.artifacts(job), tmp_path / "all.tar")

    assert 2 == len(digests_in(tmp_path / "all.tar"))
    assert ["all.tar"] == [path.name for path in tmp_path.iterdir()]
