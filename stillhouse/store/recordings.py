"""Recordings of what teachers answered: found by jobs of one project, forgotten when unused."""

from __future__ import annotations

from sqlalchemy import delete, func, select, tuple_, update

from stillhouse.domain.realm import DEFAULT_PROJECT, Realm, Whose
from stillhouse.domain.uploads import check_digest
from stillhouse.store.belonging import within
from stillhouse.store.clock import now
from stillhouse.store.repository import Repository
from stillhouse.store.tables import RecordingRow

IDENTITY = (RecordingRow.tenant_id, RecordingRow.project, RecordingRow.key)


class Recordings(Repository):
    def use(self, whose: Whose, hint: str, limit: int = 3) -> list[RecordingRow]:
        """Those that a job with this hint may need, the newest use first; they count as used."""
        mine = within(whose, RecordingRow), RecordingRow.hint == hint
        newest = select(RecordingRow).where(*mine).order_by(RecordingRow.last_used_at.desc())
        found: list[RecordingRow] = self._all(newest.limit(limit))
        used = update(RecordingRow).where(*mine, RecordingRow.key.in_([row.key for row in found]))
        self._count(used.values(last_used_at=now()))
        return found

    def keep(
        self, whose: Whose, key: str, *, hint: str, job_id: str, blob_sha256: str, size_bytes: int
    ) -> None:
        """What a job has recorded; in the place of what was kept under this key. The blob is
        registered already.
        """
        realm = Realm.of(whose)
        owner = {"tenant_id": realm.tenant_id, "project": realm.project or DEFAULT_PROJECT}
        values = {
            "hint": check_digest(hint),
            "job_id": job_id,
            "blob_sha256": blob_sha256,
            "size_bytes": size_bytes,
            "created_at": now(),
            "last_used_at": now(),
        }
        insert = self._insert(RecordingRow).values(key=check_digest(key), **owner, **values)
        self._count(insert.on_conflict_do_update(index_elements=IDENTITY, set_=values))

    def forget(self, whose: Whose, key: str, blob_sha256: str) -> None:
        """Its bytes are gone or changed; not if it was kept anew meanwhile."""
        self._count(
            delete(RecordingRow).where(
                within(whose, RecordingRow),
                RecordingRow.key == key,
                RecordingRow.blob_sha256 == blob_sha256,
            )
        )

    def evict(self, most_bytes: int) -> int:
        """Forget what each tenant has beyond this, the longest unused first; how many they were."""
        newest_first = (RecordingRow.last_used_at.desc(), RecordingRow.key, RecordingRow.project)
        up_to_here = func.sum(RecordingRow.size_bytes).over(
            partition_by=RecordingRow.tenant_id, order_by=newest_first, rows=(None, 0)
        )
        ranked = select(*IDENTITY, up_to_here.label("bytes")).subquery()
        beyond = select(*(ranked.c[column.key] for column in IDENTITY))
        beyond = beyond.where(ranked.c.bytes > most_bytes)
        return self._count(delete(RecordingRow).where(tuple_(*IDENTITY).in_(beyond)))
