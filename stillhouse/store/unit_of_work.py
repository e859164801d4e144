"""One transaction and the repositories in it. It commits when its block ends without an exception.

There is no other rule: nobody calls commit, and whoever raises has changed nothing.
"""

from __future__ import annotations

import secrets
from types import TracebackType
from typing import Self

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from stillhouse.domain.ids import RandomBytes
from stillhouse.store.artifacts import Artifacts
from stillhouse.store.attempts import Attempts
from stillhouse.store.blob_rows import Blobs
from stillhouse.store.checks import Checks
from stillhouse.store.datasets import Datasets
from stillhouse.store.engine import READ_ONLY, Sessions, unavailable
from stillhouse.store.idempotency import Idempotency
from stillhouse.store.jobs import Jobs
from stillhouse.store.keys import Keys
from stillhouse.store.leases import Leases
from stillhouse.store.links import Links
from stillhouse.store.locks import Locks
from stillhouse.store.models import Models
from stillhouse.store.outbox import Outbox
from stillhouse.store.precedents import Precedents
from stillhouse.store.queueing import Queueing
from stillhouse.store.recordings import Recordings
from stillhouse.store.records import Events, Logs, Metrics
from stillhouse.store.sign_ins import SignIns
from stillhouse.store.standing import Standings
from stillhouse.store.steering import Steering
from stillhouse.store.storage import Storage
from stillhouse.store.tenants import Tenants
from stillhouse.store.trash import Trash
from stillhouse.store.uploads import Uploads
from stillhouse.store.workers import Workers


class UnitOfWork:
    """`with UnitOfWork(sessions) as uow:`; rows read in it stay readable after it."""

    read_only = False

    def __init__(self, sessions: Sessions, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        self._sessions = sessions
        self._random_bytes = random_bytes

    def __enter__(self) -> Self:
        self._session = self._sessions()
        try:
            self._session.connection(execution_options=self._options())
        except (DBAPIError, PoolTimeout) as error:
            self._session.close()
            raise unavailable(error) from error
        self._open()
        return self

    def _options(self) -> dict[str, bool]:
        return {READ_ONLY: self.read_only, "postgresql_readonly": self.read_only}

    def _open(self) -> None:
        room = (self._session, self._random_bytes)
        self.tenants = Tenants(*room)
        self.keys = Keys(*room)
        self.sign_ins = SignIns(*room)
        self.idempotency = Idempotency(*room)
        self.uploads = Uploads(*room)
        self.blobs = Blobs(*room)
        self.models = Models(*room)
        self.datasets = Datasets(*room)
        self.checks = Checks(*room)
        self.jobs = Jobs(*room)
        self.precedents = Precedents(*room)
        self.standings = Standings(*room)
        self.steering = Steering(*room)
        self.trash = Trash(*room)
        self.queueing = Queueing(*room)
        self.leases = Leases(*room)
        self.attempts = Attempts(*room)
        self.events = Events(*room)
        self.metrics = Metrics(*room)
        self.logs = Logs(*room)
        self.artifacts = Artifacts(*room)
        self.recordings = Recordings(*room)
        self.outbox = Outbox(*room)
        self.workers = Workers(*room)
        self.locks = Locks(*room)
        self.links = Links(*room)
        self.storage = Storage(*room)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._session.commit()
        except DBAPIError as refused:
            raise unavailable(refused) from refused
        finally:
            self._session.close()
        if isinstance(error, OperationalError):
            raise unavailable(error) from error


class ReadOnly(UnitOfWork):
    """For questions: waits for no writer, and a write in it is refused by the database."""

    read_only = True
