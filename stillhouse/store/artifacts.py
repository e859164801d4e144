"""Artifacts, for readers; an attempt adds them under its token."""

from __future__ import annotations

from sqlalchemy import select

from stillhouse.domain.errors import NotFound
from stillhouse.domain.realm import Whose
from stillhouse.store.belonging import within
from stillhouse.store.repository import Repository
from stillhouse.store.tables import ArtifactRow, JobRow

MODEL, CONFIG = "safetensors/model.safetensors", "safetensors/config.json"
"""What a job ships its student as."""
REPORT = "report.json"


class Artifacts(Repository):
    def student(self, tenant_id: str, job_id: str) -> tuple[ArtifactRow, ArtifactRow] | None:
        """The weights and the config.json of a job's student, if it has left one."""
        found = {row.name: row for row in self.of_job(tenant_id, job_id)}
        return (found[MODEL], found[CONFIG]) if {MODEL, CONFIG} <= found.keys() else None

    def of_job(self, tenant_id: str, job_id: str) -> list[ArtifactRow]:
        mine = select(ArtifactRow).where(
            ArtifactRow.tenant_id == tenant_id, ArtifactRow.job_id == job_id
        )
        return self._all(mine.order_by(ArtifactRow.name))

    def named(self, tenant_id: str, job_id: str, name: str) -> ArtifactRow | None:
        found: ArtifactRow | None = self._one(
            select(ArtifactRow).where(
                ArtifactRow.tenant_id == tenant_id,
                ArtifactRow.job_id == job_id,
                ArtifactRow.name == name,
            )
        )
        return found

    def find(self, whose: Whose, artifact_id: str) -> ArtifactRow:
        """By its id alone, which is unique over all jobs."""
        artifact: ArtifactRow | None = self._one(
            select(ArtifactRow)
            .join(JobRow, JobRow.id == ArtifactRow.job_id)
            .where(
                within(whose, JobRow),
                ArtifactRow.id == artifact_id,
                JobRow.deleted_at.is_(None),
            )
        )
        if artifact is None:
            raise NotFound("artifact", artifact_id)
        return artifact

    def get(self, tenant_id: str, job_id: str, artifact_id: str) -> ArtifactRow:
        artifact: ArtifactRow | None = self._one(
            select(ArtifactRow).where(
                ArtifactRow.tenant_id == tenant_id,
                ArtifactRow.job_id == job_id,
                ArtifactRow.id == artifact_id,
            )
        )
        if artifact is None:
            raise NotFound("artifact", artifact_id)
        return artifact
