"""Holding on to a job: the lease is renewed, the orders are read, and writes outlive a hiccup.

The database may be away for a while: the trainer goes on and its reports wait. When the lease must
have run out by our own clock, somebody else may have the job, and this process stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from stillhouse.domain.errors import Unavailable
from stillhouse.domain.job import Desired
from stillhouse.store import UnitOfWork
from stillhouse.store.leases import Orders, Token
from worker.station import Station

T = TypeVar("T")
Clock = Callable[[], float]
PAUSE_S = 1.0

log = structlog.get_logger(__name__)


class LeaseOver(Exception):
    """The database was away for longer than the lease: nothing may be written any more."""


class Hold:
    def __init__(
        self, station: Station, token: Token, held_since: float, clock: Clock = time.monotonic
    ) -> None:
        """`held_since` is from before the claim: the lease can only be longer than we believe."""
        self.token = token
        self._station = station
        self._clock = clock
        self._orders = Orders(Desired.RUNNING, draining=False)
        self._renewed(held_since)

    def look(self) -> Orders:
        """What is wanted of this attempt now; the last known orders while nobody answers."""
        try:
            if self._clock() >= self._renew_at:
                self._renew()
            else:
                with self._station.reading() as uow:
                    self._orders = uow.leases.orders(self.token)
        except Unavailable as error:
            self._give_up_when_over(error)
        return self._orders

    def try_to(self, action: Callable[[UnitOfWork], object]) -> bool:
        """One unit of work under the token; False when the database is away, to try again."""
        try:
            with self._station.books() as uow:
                action(uow)
        except Unavailable as error:
            self._give_up_when_over(error)
            return False
        return True

    def insist(self, action: Callable[[UnitOfWork], T]) -> T:
        """As `try_to`, again and again, as long as the lease can still be ours."""
        while True:
            try:
                with self._station.books() as uow:
                    return action(uow)
            except Unavailable as error:
                self._give_up_when_over(error)
                time.sleep(PAUSE_S)

    def _renew(self) -> None:
        asked = self._clock()
        with self._station.books() as uow:
            self._orders = uow.leases.renew(self.token, self._station.settings.lease_ttl)
        self._renewed(asked)

    def _renewed(self, at: float) -> None:
        self._over_at = at + self._station.settings.lease_ttl_s
        self._renew_at = at + self._station.settings.lease_renew_s

    def _give_up_when_over(self, error: Unavailable) -> None:
        left = self._over_at - self._clock()
        log.warning("database.away", job=self.token.job_id, lease_left_s=round(left, 1))
        if left <= 0:
            raise LeaseOver(self.token.job_id) from error
