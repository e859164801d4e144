"""Whether a poller has anything to learn: the key and the job in one question, outside of any unit
of work. Most requests are such polls, and a session and a transaction would be most of their cost.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Engine, and_, bindparam, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from stillhouse.domain.keys import Principal
from stillhouse.store.engine import alone, unavailable
from stillhouse.store.keys import KEY, admitted, read
from stillhouse.store.standing import STANDING, Standing
from stillhouse.store.tables import ApiKeyRow, JobRow

_KEY, _JOB = ApiKeyRow.__table__, JobRow.__table__
_IS_THEIRS = and_(
    _JOB.c.id == bindparam("job"),
    _JOB.c.tenant_id == _KEY.c.tenant_id,
    or_(_KEY.c.project.is_(None), _JOB.c.project == _KEY.c.project),
    _JOB.c.deleted_at.is_(None),
)
_ASKED = (
    select(*KEY, *STANDING)
    .select_from(_KEY.outerjoin(_JOB, _IS_THEIRS))
    .where(_KEY.c.id == bindparam("key"))
)


class Glance(NamedTuple):
    who: Principal
    standing: Standing | None
    """None: there is no such job for them."""


class Glances:
    def __init__(self, engine: Engine) -> None:
        self._engine = alone(engine)

    def at(self, token: str, job_id: str) -> Glance:
        """Refuses a key just as `Keys.authenticate` does."""
        key_id, secret = read(token)
        try:
            with self._engine.connect() as connection:
                asked = {"key": key_id, "job": job_id}
                row = connection.execute(_ASKED, asked).one_or_none()
        except (DBAPIError, PoolTimeout) as error:
            raise unavailable(error) from error
        who = admitted(row, secret)
        found = None if row is None else Standing(*row[-len(STANDING) :])
        return Glance(who, None if found is None or found.version is None else found)
