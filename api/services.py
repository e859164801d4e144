"""What every request may use: put together once, in `create_app`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, cast

from fastapi import Depends, Request

from api.doorbell import Doorbell
from api.waiting import Watch
from stillhouse.runtime.settings import Settings
from stillhouse.store import DirectoryBlobs, Glances, Sessions


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    sessions: Sessions
    glances: Glances
    blobs: DirectoryBlobs
    doorbell: Doorbell
    watch: Watch
    streams: Counter[str]
    """How many are open, by key."""
    database_is_current: Callable[[], bool]
    touching: Lock = field(default_factory=Lock)
    """Held by the one request that notes the use of its key."""


async def services_of(request: Request) -> Services:
    return cast("Services", request.app.state.services)


ServicesHere = Annotated[Services, Depends(services_of)]
