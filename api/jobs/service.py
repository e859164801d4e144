"""Whether a job may be submitted: one examination for `POST /v1/jobs` and for `validate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from api.answers import ReportedProblem
from api.jobs.estimates import Estimates
from api.jobs.facts import Facts, fact_problems, warnings
from api.jobs.files import file_problems
from api.jobs.schemas import Job, Queue, Validation
from api.services import Services
from api.unit import Work
from kd_core.errors import Problem
from stillhouse.domain.errors import Duplicate, Invalid
from stillhouse.domain.job_spec import CHANGEABLE, JobSpec, as_it_is_now, parse_job_spec
from stillhouse.domain.merge_patch import merged
from stillhouse.domain.realm import Realm, beyond
from stillhouse.store import UnitOfWork
from stillhouse.store.jobs import Descent, Inputs
from stillhouse.store.tables import JobRow


@dataclass(frozen=True, slots=True)
class Examination:
    errors: Sequence[Problem]
    warnings: Sequence[Problem]
    checked: Literal["full", "shallow"]
    """shallow: what a `file:` holds is only known to a worker that looks at it."""
    known: tuple[Inputs, Facts] | None = None
    """What stands in the books of what it names; None where the document itself is wrong."""


class Submitted(NamedTuple):
    job: JobRow
    is_new: bool


def examine(services: Services, uow: UnitOfWork, realm: Realm, spec: JobSpec) -> Examination:
    """Everything that can be known of a specification without torch."""
    inputs = uow.jobs.inputs(realm, spec)
    facts = Facts.of(services, uow, spec, inputs)
    files = file_problems(spec, services.settings.data_roots)
    errors = [*_beyond(realm, spec), *files, *inputs.problems, *fact_problems(spec, facts)]
    unseen = any(source.is_file for source in spec.sources())
    checked: Literal["full", "shallow"] = "shallow" if unseen else "full"
    return Examination(errors, list(warnings(spec, facts)), checked, (inputs, facts))


def submit(
    services: Services,
    uow: Work,
    realm: Realm,
    document: Any,
) -> Submitted:
    """A queued job, or the one that it is a duplicate of, or everything that is wrong with it."""
    spec = _examined(services, uow, realm, document)
    twin = uow.jobs.duplicate_of(realm, spec) if spec.if_duplicate != "run" else None
    if twin is None:
        job = uow.jobs.create(realm, spec, document, cause=uow.cause)
        return Submitted(job, is_new=True)
    if spec.if_duplicate == "reject":
        raise Duplicate(
            f"the job {twin.id} is of the same science and gates, and it is {twin.state}",
            hint="use that one, or send if_duplicate: run",
            job_id=twin.id,
        )
    return Submitted(twin, is_new=False)


def _examined(services: Services, uow: UnitOfWork, realm: Realm, document: Any) -> JobSpec:
    spec = _read(realm, document)
    errors = examine(services, uow, realm, spec).errors
    if errors:
        raise Invalid(tuple(errors))
    return spec


def _read(realm: Realm, document: Any) -> JobSpec:
    """What is sent with a key of a project is of that project, and need not say so."""
    if realm.project is not None and isinstance(document, Mapping):
        return parse_job_spec({"project": realm.project, **document})
    return parse_job_spec(document)


def _beyond(realm: Realm, spec: JobSpec) -> Iterator[Problem]:
    if realm.project not in {None, spec.project}:
        yield beyond(str(realm.project))


def again(
    services: Services,
    uow: Work,
    realm: Realm,
    parent: JobRow,
    *,
    patch: Mapping[str, Any] = MappingProxyType({}),
    goes_on: bool = False,
    reason: str = "",
) -> JobRow:
    """A new job of the parent's specification, as the patch changes it."""
    now = {key: getattr(parent, key) for key in (*CHANGEABLE, "project")}
    document = merged(as_it_is_now(parent.spec, now), patch)
    descent = Descent(parent, goes_on=goes_on, reason=reason)
    spec = _examined(services, uow, realm, document)
    return uow.jobs.create(realm, spec, document, descent, uow.cause)


def validate(services: Services, uow: UnitOfWork, realm: Realm, document: Any) -> Validation:
    """As `submit` would see it, and nothing is kept."""
    try:
        spec = _read(realm, document)
    except Invalid as invalid:
        return _validation(Examination(invalid.problems, (), "shallow"), None, None)
    found = examine(services, uow, realm, spec)
    estimates = None
    if found.known is not None and not found.errors:
        estimates = Estimates.of(uow, realm, spec, *found.known)
    return _validation(found, spec.resolved(), estimates)


def shown_one(uow: UnitOfWork, job: JobRow) -> Job:
    """With its place in the queue."""
    return shown(uow, [job])[0].model_copy(update={"queue": Queue.of(uow.queueing.place(job))})


def shown(uow: UnitOfWork, jobs: Sequence[JobRow]) -> list[Job]:
    """With their attempts, in as many questions as one job would take."""
    attempts = uow.jobs.attempts_of([job.id for job in jobs])
    workers = uow.workers.names({row.worker_id for rows in attempts.values() for row in rows})
    return [Job.of(job, attempts[job.id], workers) for job in jobs]


def _validation(
    found: Examination, resolved: dict[str, Any] | None, estimates: Estimates | None
) -> Validation:
    return Validation(
        valid=not found.errors,
        errors=[ReportedProblem.of(problem) for problem in found.errors],
        warnings=[ReportedProblem.of(problem) for problem in found.warnings],
        resolved=resolved,
        estimates=estimates,
        checked=found.checked,
    )
