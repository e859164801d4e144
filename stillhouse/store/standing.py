"""How a job stands, without anything that it holds: whether there is news, asked often."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import String, bindparam, or_, select

from stillhouse.domain.errors import NotFound
from stillhouse.domain.job import State
from stillhouse.domain.realm import Realm, Whose
from stillhouse.store.repository import Repository
from stillhouse.store.tables import JobRow

_PROJECT = bindparam("project", type_=String)

# Built once: for so small a question that is half of the work.
_JOB = JobRow.__table__.c
STANDING = (_JOB.version, _JOB.state, _JOB.next_event_seq - 1)
"""The columns of a `Standing`."""
_OF_ONE = select(*STANDING).where(
    _JOB.tenant_id == bindparam("tenant"),
    or_(_PROJECT.is_(None), _JOB.project == _PROJECT),
    _JOB.id == bindparam("job"),
    _JOB.deleted_at.is_(None),
)


class Standing(NamedTuple):
    version: int
    state: State
    last_event: int
    """The `seq` of the newest event."""


class Standings(Repository):
    def of(self, whose: Whose, job_id: str) -> Standing:
        """By the primary key and of the row alone, however much the job has to show."""
        realm = Realm.of(whose)
        asked = {"tenant": realm.tenant_id, "project": realm.project, "job": job_id}
        found = self._read(_OF_ONE, **asked)
        if found is None:
            raise NotFound("job", job_id)
        return Standing(*found)

    def versions(self, job_ids: Collection[str]) -> dict[str, int]:
        """Of several jobs at once; one that is gone has none."""
        asked = select(JobRow.id, JobRow.version).where(JobRow.id.in_(job_ids))
        return {row.id: row.version for row in self._session.execute(asked)}
