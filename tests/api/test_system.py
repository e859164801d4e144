"""What the system tells: everybody sees the machines, and of what is on them their own."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from stillhouse.domain.keys import Scope
from stillhouse.domain.realm import Realm
from stillhouse.store.artifacts import MODEL
from stillhouse.store.clock import later
from stillhouse.store.tables import WorkerRow
from tests.support.api import OTHER
from tests.support.belongings import asking
from tests.support.service import TENANT

PATHS = ["/v1/workers", "/v1/queue", "/v1/storage"]


@pytest.fixture
def vision(service):
    return asking(service, Realm(TENANT, "vision"))


@pytest.fixture
def stranger(service):
    return asking(service, Realm(OTHER))


def workers(service):
    return {one["name"]: one for one in service.get("/v1/workers").json()["data"]}


def stored(service):
    return {one["kind"]: one for one in service.get("/v1/storage").json()["data"]}


def test_a_worker_is_shown_with_its_machine(service):
    gpus = [{"name": "NVIDIA L4", "memory_bytes": 24}]
    facts = {"version": "1", "processors": 8, "memory_bytes": 64, "gpus": gpus}
    with service.work() as uow:
        uow.workers.register("box", host="b", pid=1, queues=["gpu", "cpu"], slots=2, facts=facts)
    service.world.worker("plain")
    told = workers(service)

    assert told["box"]["machine"] == facts
    assert (told["box"]["state"], told["box"]["slots"], told["box"]["busy"]) == ("active", 2, 0)
    assert told["box"]["queues"] == ["cpu", "gpu"]
    assert {*told["plain"]["machine"].values()} == {None}


def test_whose_job_it_is_decides_who_sees_it(service, vision, stranger):
    job = service.world.running(project="vision").job_id
    seen = {
        name: workers(who)["box:1"]
        for name, who in {"all": service, "own": vision, "other": stranger}.items()
    }
    speech = workers(asking(service, Realm(TENANT, "speech")))["box:1"]

    assert [job] == seen["all"]["jobs"] == seen["own"]["jobs"]
    assert [] == seen["other"]["jobs"] == speech["jobs"]
    assert [1, 1, 1] == [one["busy"] for one in seen.values()]


def test_one_that_leaves_or_falls_silent_says_so_and_one_that_is_gone_is_not_there(service):
    world = service.world
    ids = {name: world.worker(name).id for name in ("leaving", "silent", "gone")}
    with service.work() as uow:
        uow.workers.drain(ids["leaving"])
        uow.workers.leave(ids["gone"])
        quiet = update(WorkerRow).where(WorkerRow.id == ids["silent"])
        uow._session.execute(quiet.values(heartbeat_at=later(-90)))

    assert {name: one["state"] for name, one in workers(service).items()} == {
        "leaving": "draining",
        "silent": "silent",
    }


def test_the_queue_is_told_by_project_and_in_all(service, vision, stranger):
    world = service.world
    running = world.running(project="vision")
    first = world.submit(project="vision")
    world.submit(project="vision")
    world.submit(project="speech")
    world.submit(OTHER)
    told, theirs = vision.get("/v1/queue").json(), stranger.get("/v1/queue").json()
    everything = service.get("/v1/queue").json()

    assert running
    [mine] = told["projects"]
    assert (mine["project"], mine["queued"], mine["at_work"]) == ("vision", 2, 1)
    assert mine["oldest_queued_at"] == first.created_at.isoformat().replace("+00:00", "Z")
    assert ["speech", "vision"] == [one["project"] for one in everything["projects"]]
    assert ["default"] == [one["project"] for one in theirs["projects"]]
    assert {(4, 1, 1)} == {
        (one["queued"], one["at_work"], one["slots"]) for one in (told, theirs, everything)
    }


def test_room_is_counted_by_kind_and_for_ones_own(service, vision, stranger):
    service.new_model(b"four")
    service.new_dataset(b"sixsix")
    half = service.announce(b"half of it", kind="dataset").json()["id"]
    service.put(f"/v1/uploads/{half}/parts/1", b"half of it")
    job = service.succeeded({MODEL: b"weights"})
    gone = service.succeeded({MODEL: b"others"})
    service.delete(f"/v1/jobs/{gone}")
    told = {kind: (one["count"], one["bytes"]) for kind, one in stored(service).items()}

    assert job
    assert told == {
        "models": (1, 4),
        "datasets": (1, 6),
        "artifacts": (1, 7),
        "checkpoints": (0, 0),
        "uploads": (1, 10),
        "recordings": (0, 0),
        "trash": (1, 6),
    }
    for other in (vision, stranger):
        assert {0} == {one["bytes"] + one["count"] for one in stored(other).values()}


def test_how_long_things_stay_and_what_is_left_is_told(service):
    told = service.get("/v1/storage").json()
    settings = service.services.settings

    assert timedelta(seconds=told["retention"]["trash_s"]) == settings.trash_ttl
    assert told["retention"]["recordings_bytes"] == settings.recordings_bytes
    assert 0 <= told["disk"]["free_bytes"] <= told["disk"]["total_bytes"]
    assert told["disk"]["free_bytes"] % 10**8 == 0


@pytest.mark.parametrize("path", PATHS)
def test_what_has_not_changed_is_not_sent_again(service, path):
    service.world.submit()
    first = service.get(path)
    tag = {"If-None-Match": first.headers["ETag"]}
    again = service.get(path, headers=tag)
    service.world.running()
    service.succeeded({MODEL: b"weights"})
    changed = service.get(path, headers=tag)

    assert (304, b"") == (again.status_code, again.content)
    assert 200 == changed.status_code


@pytest.mark.parametrize("path", PATHS)
def test_it_takes_a_key_that_sees_jobs(service, path):
    key = service.new_key(TENANT, [Scope.DATA_WRITE])

    assert "jobs:read" == service.get(path, key=key).json()["needed"]
