"""The real server process: what only bytes on a socket can show."""

import os
import subprocess
import sys
import time

import pytest

from tests.support.api import MIB, files_in, sha256
from tests.support.api_server import ROOT, Server
from tests.support.service import document

HUGE = 64 * MIB


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


def announced(server, content, part_size=MIB):
    new = {"kind": "model", "filename": "x", "bytes": len(content), "sha256": sha256(content)}
    return server.client.post("/v1/uploads", json={**new, "part_size": part_size}).json()


def test_a_part_of_a_wrong_length_is_refused_before_its_first_byte(server):
    upload = announced(server, b"x" * MIB)
    path = f"/v1/uploads/{upload['id']}/parts/1"
    with server.raw("PUT", path, HUGE, server.key) as connection:
        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_part_that_breaks_off_leaves_nothing(server):
    content = os.urandom(4 * MIB)
    upload = announced(server, content, 4 * MIB)
    before = files_in(server.blobs)
    path = f"/v1/uploads/{upload['id']}/parts/1"
    with server.raw("PUT", path, len(content), server.key) as connection:
        connection.sendall(content[: 3 * MIB])
        deadline = time.monotonic() + 20
        while files_in(server.blobs) == before:
            assert time.monotonic() < deadline
    while files_in(server.blobs) != before:
        assert time.monotonic() < deadline

    assert server.client.get(f"/v1/uploads/{upload['id']}").json()["parts"] == []


def test_a_part_that_arrives_in_drops_is_whole(server):
    content = os.urandom(MIB)
    upload = announced(server, content)
    drops = (content[start : start + 1000] for start in range(0, MIB, 1000))
    answer = server.client.put(f"/v1/uploads/{upload['id']}/parts/1", content=drops)
    done = server.client.post(f"/v1/uploads/{upload['id']}/complete")

    assert answer.json()["sha256"] == sha256(content)
    assert done.json()["state"] == "complete"


def test_a_slow_body_keeps_nobody_from_writing(server):
    with server.raw("POST", "/v1/jobs", 100, server.key) as connection:
        connection.sendall(b'{"name": ')

        assert server.client.post("/v1/jobs", json=document(), timeout=10).status_code == 202


def test_the_log_is_json_with_one_line_for_each_request(server):
    answer = server.client.get("/v1/models", headers={"X-Request-Id": "seen-in-ci"})
    deadline = time.monotonic() + 20
    while not (mine := [line for line in server.lines() if line.get("request_id") == "seen-in-ci"]):
        assert time.monotonic() < deadline

    assert answer.headers["X-Request-Id"] == "seen-in-ci"
    [line] = mine
    assert (line["event"], line["path"], line["status"]) == ("request.answered", "/v1/models", 200)
    assert server.key.rpartition("_")[2] not in server.log.read_text()


def test_importing_the_module_reads_no_environment_and_imports_no_torch(tmp_path):
    code = """
import os, sys
class Watched(dict):
    def __getitem__(self, key): return self.seen(key) or super().__getitem__(key)
    def get(self, key, default=None): return self.seen(key) or super().get(key, default)
    def seen(self, key): assert not str(key).startswith("STILLHOUSE_"), key
os.environ = Watched(os.environ)
import api.main
assert not {"torch", "timm", "numpy", "PIL", "sklearn"} & set(sys.modules)
assert "app" not in vars(api.main)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "STILLHOUSE_LOG_FORMAT": "nonsense"}
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
