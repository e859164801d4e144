"""Labels as rows beside the documents that show them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.orm import Session

from stillhouse.store.job_marks import Mark
from stillhouse.store.tables import JobLabelRow, JobRow


def label_rows(job: JobRow, labels: Mapping[str, str]) -> list[JobLabelRow]:
    whose = {"job_id": job.id, "tenant_id": job.tenant_id, "created_at": job.created_at}
    return [JobLabelRow(key=key, value=value, **whose) for key, value in labels.items()]


def relabel(session: Session, job: JobRow, labels: Mapping[str, str]) -> None:
    session.execute(delete(JobLabelRow).where(JobLabelRow.job_id == job.id))
    session.add_all(label_rows(job, labels))
    session.flush()


def label_marks(tenant_id: str, labels: Mapping[str, str | None]) -> list[Mark]:
    """None: whatever its value is."""
    whose = {"tenant_id": tenant_id}
    return [
        Mark(JobLabelRow, {**whose, "key": key, **({} if value is None else {"value": value})})
        for key, value in labels.items()
    ]
