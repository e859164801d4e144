"""`still workers` and `still storage` against a real server."""

import json

import pytest

from stillhouse.cli.main import answer
from stillhouse.store import create_engine, session_factory
from tests.support.api_server import Server
from tests.support.service import World

FACTS = {
    "version": "1",
    "processors": 8,
    "memory_bytes": 32 * 2**30,
    "gpus": [{"name": "NVIDIA L4", "memory_bytes": 24}],
}


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


@pytest.fixture
def still(server, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("STILLHOUSE_URL", server.url)
    monkeypatch.setenv("STILLHOUSE_API_KEY", server.key)
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    def run(*arguments):
        assert answer([*arguments]) == 0
        return capsys.readouterr().out

    return run


def test_workers_are_listed_with_their_machines_and_ones_own_jobs(server, still):
    engine = create_engine(f"sqlite:///{server.database}")
    world = World(session_factory(engine))
    job = world.running().job_id
    with world.work() as uow:
        uow.workers.register("gpu-box", host="b", pid=1, queues=["gpu"], facts=FACTS)
    engine.dispose()
    told = still("workers")

    assert "NVIDIA L4, 8 processors, 32 GiB" in told
    assert job in told
    assert {"box:1", "gpu-box"} == {one["name"] for one in json.loads(still("workers", "--json"))}


def test_room_is_told_with_what_is_left(still):
    told = still("storage")

    assert "recordings" in told
    assert "GB are free" in told
    assert "disk" in json.loads(still("storage", "--json"))
