"""What the service answers. A newer service may say more than this: that is kept, not refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from kd_core.errors import Problem
from stillhouse.domain.job import TERMINAL
from stillhouse.domain.realm import DEFAULT_PROJECT

Item = TypeVar("Item")


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)

    def as_json(self) -> dict[str, Any]:
        """As it came, also what this client does not know."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class Page(Answer, Generic[Item]):
    data: tuple[Item, ...]
    next_cursor: str | None = None
    has_more: bool = False


class Tail(Answer, Generic[Item]):
    """The next stretch of something that grows."""

    data: tuple[Item, ...]
    next_after_seq: int | None = None
    has_more: bool = False


class Part(Answer):
    number: int
    bytes: int
    sha256: str


class Upload(Answer):
    id: str
    project: str = DEFAULT_PROJECT
    kind: str = ""
    filename: str = ""
    bytes: int
    sha256: str
    state: str
    part_size: int
    parts_expected: int
    bytes_received: int | None = None
    parts_received: int | None = None
    """Null where the service does not say."""
    expires_at: datetime | None = None
    parts: tuple[Part, ...] = ()

    @property
    def is_complete(self) -> bool:
        return self.state == "complete"


class Found(Answer):
    """One thing that a check found wrong."""

    code: str = ""
    message: str = ""
    hint: str | None = None
    pointer: str | None = None
    file: str | None = None

    @property
    def problem(self) -> Problem:
        return Problem(self.code, self.message, self.hint or "", self.pointer, self.file)


class Checked(Answer):
    """Something that is looked into once, when it is registered."""

    state: str
    """checking, ready or rejected."""
    facts: dict[str, Any] | None = None
    problems: tuple[Found, ...] | None = None

    @property
    def is_checked(self) -> bool:
        return self.state != "checking"

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"


class Model(Checked):
    id: str
    project: str = DEFAULT_PROJECT
    name: str
    architecture: str | None = None
    created_at: datetime | None = None


class DatasetVersion(Checked):
    version: int
    ref: str
    created_at: datetime | None = None


class Dataset(Answer):
    id: str
    project: str = DEFAULT_PROJECT
    name: str
    versions: tuple[DatasetVersion, ...] = ()
    created_at: datetime | None = None

    @property
    def newest(self) -> DatasetVersion:
        return max(self.versions, key=lambda version: version.version)


class Progress(Answer):
    phase: str
    epoch: int | None = None
    epochs: int | None = None
    step: int
    total_steps: int
    fraction: float | None = None
    eta_s: float | None = None


class Failure(Answer):
    exit_class: str = Field(alias="class")
    code: str
    message: str
    hint: str | None = None
    phase: str | None = None
    attempt: int | None = None
    log_tail_url: str | None = None


class QueuePlace(Answer):
    position: int
    reason: str = ""


class Job(Answer):
    id: str
    name: str
    state: str
    phase: str | None = None
    progress: Progress | None = None
    queue: QueuePlace | None = None
    attempt: int = 0
    parent_id: str | None = None
    failure: Failure | None = None
    verdict: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    version: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in TERMINAL

    @property
    def was_judged(self) -> bool:
        return self.verdict in {"passed", "failed"}


class GateOutcome(Answer):
    metric: str
    op: str
    value: float
    of: str
    measured: float | None = None
    passed: bool | None = None
    """None while nobody has looked."""
    reason: str | None = None


class Verdict(Answer):
    verdict: str
    """pending, passed, failed or not_evaluated."""
    gates: tuple[GateOutcome, ...] = ()

    @property
    def is_pending(self) -> bool:
        return self.verdict == "pending"


class Estimate(Answer):
    value: float | None
    basis: str


class Validation(Answer):
    valid: bool
    errors: tuple[Found, ...] = ()
    warnings: tuple[Found, ...] = ()
    resolved: dict[str, Any] | None = None
    estimates: Mapping[str, Estimate] | None = None
    """Of `seconds`, `memory_bytes` and `disk_bytes`."""
    checked: str | None = None


class JobEvent(Answer):
    seq: int
    type: str
    at: datetime
    attempt: int | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class Series(Answer):
    name: str
    steps: tuple[int, ...]
    values: tuple[float | None, ...]
    epochs: tuple[int | None, ...] = ()


class LogLine(Answer):
    seq: int
    at: datetime
    text: str
    stream: str = "stdout"
    level: str = "info"
    attempt: int | None = None


class Link(Answer):
    url: str
    """Of whoever has it, without a key."""
    expires_at: datetime


class Artifact(Answer):
    id: str
    name: str
    format: str
    path: str
    bytes: int
    sha256: str


class Key(Answer):
    id: str
    name: str
    project: str | None = None
    """None: all of its tenant."""
    scopes: tuple[str, ...] = ()
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    previous_valid_until: datetime | None = None
    parent_id: str | None = None
    """The one that it was made from by signing in; None: somebody made it."""


class Worker(Answer):
    name: str
    state: str
    slots: int = 1
    busy: int = 0
    jobs: tuple[str, ...] = ()
    machine: dict[str, Any] = Field(default_factory=dict)
    heartbeat_at: datetime | None = None


class Stored(Answer):
    kind: str
    count: int
    bytes: int


class Storage(Answer):
    data: tuple[Stored, ...]
    disk: dict[str, int] = Field(default_factory=dict)


class SignInCode(Answer):
    code: str
    expires_at: datetime


class KeyWithToken(Key):
    token: str
    """Shown this once."""


class Me(Answer):
    tenant: str
    key: Key
