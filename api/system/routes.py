"""Endpoints of the system."""

from __future__ import annotations

import hashlib
import shutil
from collections import defaultdict
from typing import TypeVar

from fastapi import APIRouter, Depends

from api.answers import Answer
from api.auth import JobsReader, authenticate
from api.problems import problems
from api.services import ServicesHere
from api.system.schemas import (
    Disk,
    ProjectLoad,
    QueueLoad,
    Retention,
    Storage,
    Stored,
    Worker,
    WorkerList,
)
from api.tags import TAGGED, SeenTags
from api.unit import Reading
from stillhouse.runtime.settings import Settings
from stillhouse.store.tables.machinery import WorkerState
from stillhouse.store.workers import ALIVE

router = APIRouter(
    prefix="/v1",
    tags=["system"],
    dependencies=[Depends(authenticate)],
    responses={**TAGGED, **problems(401, 403, 422)},
)
DISK_STEP = 10**8
Told = TypeVar("Told", bound=Answer)


@router.get("/workers", operation_id="list_workers")
def list_workers(who: JobsReader, seen: SeenTags, uow: Reading) -> WorkerList:
    """The machines that jobs run on. Everybody shares them, and sees of their jobs only its own."""
    heard = {worker.id for worker in uow.workers.present(alive_within=ALIVE)}
    busy: dict[str, int] = defaultdict(int)
    jobs: dict[str, list[str]] = defaultdict(list)
    for held in uow.queueing.held():
        busy[held.worker_id] += 1
        if who.realm.contains(held.realm):
            jobs[held.worker_id].append(held.job_id)
    shown = [
        Worker.of(one, heard=one.id in heard, busy=busy[one.id], jobs=sorted(jobs[one.id]))
        for one in uow.workers.present()
    ]
    return _news(seen, WorkerList(data=shown))


@router.get("/queue", operation_id="get_queue")
def get_queue(who: JobsReader, seen: SeenTags, uow: Reading) -> QueueLoad:
    """How much there is to do: by project of this key, and of all together."""
    queued, at_work = uow.queueing.of_everybody()
    slots = sum(
        worker.slots for worker in uow.workers.present() if worker.state is WorkerState.ACTIVE
    )
    projects = [ProjectLoad.of(load) for load in uow.queueing.loads(who.realm)]
    return _news(seen, QueueLoad(projects=projects, queued=queued, at_work=at_work, slots=slots))


@router.get("/storage", operation_id="get_storage")
def get_storage(who: JobsReader, seen: SeenTags, services: ServicesHere, uow: Reading) -> Storage:
    """How much room models, data sets and everything else take, and what is left."""
    rooms = [
        Stored(kind=room.kind, count=room.files, bytes=room.size_bytes)
        for room in uow.storage.rooms(who.realm)
    ]
    settings = services.settings
    retention = Retention(
        trash_s=settings.trash_ttl_s,
        uploads_s=settings.upload_ttl_s,
        recordings_bytes=settings.recordings_bytes,
    )
    return _news(seen, Storage(data=rooms, retention=retention, disk=_disk(settings)))


def _disk(settings: Settings) -> Disk:
    """In steps, so that an answer stays what it is while somebody writes a log."""
    usage = shutil.disk_usage(settings.blobs)
    free, total = (size // DISK_STEP * DISK_STEP for size in (usage.free, usage.total))
    return Disk(free_bytes=free, total_bytes=total)


def _news(seen: SeenTags, told: Told) -> Told:
    digest = hashlib.sha256(told.model_dump_json().encode()).hexdigest()
    seen.unless(f'W/"y-{digest[:32]}"')
    return told
