"""Whether a job may be submitted: one examination for `POST /v1/jobs` and for `validate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from api.answers import ReportedProblem
from api.jobs.facts import Facts, fact_problems, warnings
from api.jobs.files import file_problems
from api.jobs.schemas import Job, Validation
from api.services import Services
from kd_core.errors import Problem
from stillhouse.domain.errors import Invalid
from stillhouse.domain.job_spec import JobSpec, as_it_is_now, parse_job_spec
from stillhouse.domain.merge_patch import merged
from stillhouse.store import UnitOfWork
from stillhouse.store.jobs import Descent
from stillhouse.store.tables import JobRow


@dataclass(frozen=True, slots=True)
class Examination:
    errors: Sequence[Problem]
    warnings: Sequence[Problem]
    checked: Literal["full", "shallow"]
    """shallow: what a `file:` holds is only known to a worker that looks at it."""


def examine(services: Services, uow: UnitOfWork, tenant_id: str, spec: JobSpec) -> Examination:
    """Everything that can be known of a specification without torch."""
    inputs = uow.jobs.inputs(tenant_id, spec)
    facts = Facts.of(services, uow, spec, inputs)
    files = file_problems(spec, services.settings.data_roots)
    errors = [*files, *inputs.problems, *fact_problems(spec, facts)]
    unseen = any(source.is_file for source in spec.sources())
    return Examination(errors, list(warnings(spec, facts)), "shallow" if unseen else "full")


def submit(
    services: Services,
    uow: UnitOfWork,
    tenant_id: str,
    document: Any,
    descent: Descent | None = None,
) -> JobRow:
    """A queued job, or everything that is wrong with it."""
    spec = parse_job_spec(document)
    errors = examine(services, uow, tenant_id, spec).errors
    if errors:
        raise Invalid(tuple(errors))
    return uow.jobs.create(tenant_id, spec, document, descent)


def again(
    services: Services,
    uow: UnitOfWork,
    parent: JobRow,
    *,
    patch: Mapping[str, Any] = MappingProxyType({}),
    goes_on: bool = False,
    reason: str = "",
) -> JobRow:
    """A new job of the parent's specification, as the patch changes it."""
    now = {"name": parent.name, "labels": parent.labels, "priority": parent.priority}
    document = merged(as_it_is_now(parent.spec, now), patch)
    descent = Descent(parent, goes_on=goes_on, reason=reason)
    return submit(services, uow, parent.tenant_id, document, descent)


def validate(services: Services, uow: UnitOfWork, tenant_id: str, document: Any) -> Validation:
    """As `submit` would see it, and nothing is kept."""
    try:
        spec = parse_job_spec(document)
    except Invalid as invalid:
        return _validation(Examination(invalid.problems, (), "shallow"), None)
    return _validation(examine(services, uow, tenant_id, spec), spec.resolved())


def shown(uow: UnitOfWork, jobs: Sequence[JobRow]) -> list[Job]:
    """With their attempts, in as many questions as one job would take."""
    attempts = uow.jobs.attempts_of([job.id for job in jobs])
    workers = uow.workers.names({row.worker_id for rows in attempts.values() for row in rows})
    return [Job.of(job, attempts[job.id], workers) for job in jobs]


def _validation(found: Examination, resolved: dict[str, Any] | None) -> Validation:
    return Validation(
        valid=not found.errors,
        errors=[ReportedProblem.of(problem) for problem in found.errors],
        warnings=[ReportedProblem.of(problem) for problem in found.warnings],
        resolved=resolved,
        checked=found.checked,
    )
