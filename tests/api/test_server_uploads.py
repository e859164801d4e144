"""Uploads over a real socket: in little memory, and no finished part twice."""

import os
import random
import subprocess
import sys
import time

import pytest

from stillhouse.client import Pace, StillhouseClient
from stillhouse.domain.uploads import DEFAULT_PART_BYTES, UploadKind
from stillhouse.store import create_engine, session_factory
from stillhouse.store.artifacts import MODEL
from tests.support.api import MIB
from tests.support.api_server import Server
from tests.support.cutting_proxy import CuttingProxy
from tests.support.processes import forget_peak, peak_mb
from tests.support.service import World
from tests.support.valkey import _die_with_parent

PARTS = 4
LARGE = 256 * MIB
# The whole file, or one part of it in each of two hands, would be more than this.
MORE_MB = 40
STILL = (sys.executable, "-c", "from stillhouse.cli.main import run; run()")


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "teacher.safetensors"
    path.write_bytes(os.urandom(PARTS * DEFAULT_PART_BYTES))
    return path


def somewhere():
    """In some part, and not so near its end that the rest could be on its way already."""
    part, place = random.randrange(PARTS), random.randrange(1 << 16, 4 * MIB)
    return part * DEFAULT_PART_BYTES + place


def puts(server):
    """How the parts ended that the server was sent so far, by its own log."""
    return [line["status"] for line in server.lines() if line.get("method") == "PUT"]


def still(server, url, home, file):
    told = {
        **os.environ,
        "STILLHOUSE_URL": url,
        "STILLHOUSE_API_KEY": server.key,
        "XDG_STATE_HOME": str(home),
    }
    return subprocess.Popen(
        [*STILL, "upload", str(file), "--kind", "model", "--json"],
        env=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - it only calls the kernel
    )


@pytest.mark.slow
def test_a_command_that_was_killed_sends_no_finished_part_again(server, file, tmp_path):
    before = len(puts(server))
    broken_at = somewhere()
    with CuttingProxy(server.port, []) as proxy:
        first = still(server, proxy.url, tmp_path, file)
        while len(proxy.asked) < broken_at:
            assert first.poll() is None, first.communicate()
            time.sleep(0.001)
        first.kill()
        first.communicate()
        [_note] = notes(tmp_path)
        deadline = time.monotonic() + 20
        while (sent := puts(server)[before:]).count(200) == len(sent):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        [begun] = server.client.get("/v1/uploads?state=open").json()["data"]
        second = still(server, proxy.url, tmp_path, file)
        out, err = second.communicate(timeout=60)
    again = puts(server)[before + len(sent) :]

    assert 0 == second.returncode, err
    assert begun["id"].encode() in out
    assert sent.count(200) == begun["parts_received"]
    assert again == [200] * (PARTS - begun["parts_received"])
    assert [] == notes(tmp_path)


def notes(home):
    """Of uploads that were begun and not completed."""
    return [path for path in home.rglob("uploads/*") if path.is_file()]


def test_a_part_that_was_cut_off_is_sent_again_alone(server, file):
    before = len(puts(server))
    broken_at = somewhere()
    pace = Pace(lambda _s: None, chance=lambda: 0.0)
    with (
        CuttingProxy(server.port, [], [broken_at]) as proxy,
        StillhouseClient(proxy.url, server.key, pace=pace) as client,
    ):
        upload = client.uploads.send(file, UploadKind.MODEL)
    sent = puts(server)[before:]
    more = len(proxy.asked) - file.stat().st_size

    assert upload.is_complete
    assert PARTS == sent.count(200)
    assert PARTS + 1 == len(sent)
    assert more < DEFAULT_PART_BYTES + 10_000


@pytest.mark.slow
def test_a_large_file_goes_through_in_little_memory(server, tmp_path):
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        for _ in range(LARGE // MIB):
            file.write(os.urandom(MIB))
    began = forget_peak(server.process.pid)
    with StillhouseClient(server.url, server.key) as client:
        upload = client.uploads.send(path, UploadKind.MODEL)
    uploaded = peak_mb(server.process.pid)
    artifact = made_of(server, upload.sha256)
    with server.client.stream("GET", f"/v1/artifacts/{artifact}/content") as answer:
        size = sum(len(chunk) for chunk in answer.iter_raw())

    assert LARGE == size
    assert uploaded - began < MORE_MB
    assert peak_mb(server.process.pid) - began < MORE_MB


def made_of(server, sha256):
    """An artifact with these bytes, which are on the server's disk already; its id."""
    engine = create_engine(f"sqlite:///{server.database}")
    world = World(session_factory(engine))
    token = world.running()
    with world.work() as uow:
        made = {"name": MODEL, "format": "safetensors", "blob_sha256": sha256}
        artifact = uow.attempts.add_artifact(token, size_bytes=LARGE, **made).id
    engine.dispose()
    return artifact
