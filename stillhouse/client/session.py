"""`StillhouseClient`: one connection to one service, with a member for each of its nouns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from stillhouse.client.catalog import Catalog
from stillhouse.client.downloads import Artifacts
from stillhouse.client.following import Sighting, follow
from stillhouse.client.jobs import Jobs
from stillhouse.client.keys import Keys
from stillhouse.client.library import Datasets, Models
from stillhouse.client.login import checked_key, checked_url
from stillhouse.client.retry import Pace
from stillhouse.client.system import System
from stillhouse.client.uploads import OpenUploads, Uploads
from stillhouse.client.wire import Wire


class StillhouseClient:
    """One connection to one service.

    with StillhouseClient("http://127.0.0.1:8080", "sh_live_...") as client:
        job = client.jobs.create({"student": ..., "data": ..., "loss": "kd"})
        job = client.jobs.wait(job.id)
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        pace: Pace | None = None,
        notes: Path | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """`notes`: a folder in which to remember uploads that were interrupted."""
        self.pace = pace or Pace()
        self._wire = Wire(checked_url(url), checked_key(key), self.pace, transport=transport)
        self.url = self._wire.url
        self.uploads = Uploads(self._wire, OpenUploads(notes))
        self.models = Models(self._wire)
        self.datasets = Datasets(self._wire)
        self.jobs = Jobs(self._wire)
        self.artifacts = Artifacts(self._wire)
        self.keys = Keys(self._wire)
        self.catalog = Catalog(self._wire)
        self.system = System(self._wire)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._wire.close()

    def check_versions(self) -> None:
        """`VersionsApart` where this client and the service do not understand each other."""
        self._wire.check_versions()

    def follow(
        self, job_id: str, timeout_s: float | None = None, *, epochs: bool = True
    ) -> Iterator[Sighting]:
        """What is new about a job, as it comes, until it is over; without `epochs` its events."""
        return follow(self.jobs, job_id, self.pace, timeout_s, epochs=epochs)
