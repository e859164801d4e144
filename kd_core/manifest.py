"""manifest.json: what a run stood on, what it took, and the digest of every file that it ships.

A reader leaves alone what it does not know; what changes its meaning gets another schema number.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

MANIFEST, CARD = "manifest.json", "README.md"
SCHEMA = 1
MOST_FILES = 10_000
MOST_FILE_BYTES = 2**36
NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Within = Annotated[str, Field(max_length=300, pattern=rf"^{NAME}(/{NAME})*$")]
"""The path of a file inside the folder, with / between its parts. None of them leads out of it."""


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ListedFile(Entry):
    path: Within
    bytes: Annotated[int, Field(ge=0, le=MOST_FILE_BYTES)]
    sha256: Digest


class Specification(Entry):
    """Absolute paths of the machine are shortened to the name of the file."""

    sent: dict[str, Any]
    """As somebody wrote it."""
    resolved: dict[str, Any]
    """With every default written out, as it was carried out."""


class Environment(Entry):
    """What an attempt ran on and by."""

    stillhouse: str
    code: Digest
    """Of the source of kd_core."""
    lock: Digest
    """Of `packages`: a line name==version for each, in order of their names."""
    packages: dict[str, str]
    """Stillhouse and what it rests on, as installed."""
    python: str
    platform: str
    device_name: str
    """The model of the GPU, or of the CPU where there is none."""


class AttemptMade(Entry):
    """One process that worked at the run."""

    started_at: datetime
    seconds: float
    phases: dict[str, float]
    """Seconds in each."""
    ended: Literal["succeeded", "failed", "stopped"] | None = None
    """None: it was killed. What it did after its last checkpoint or phase is not counted."""
    energy_j: float | None = None
    """What the whole GPU took meanwhile; absent where it does not count."""
    platform: str
    device_name: str
    code: Digest
    lock: Digest


class Manifest(Entry):
    schema_version: Literal[1] = 1
    name: str
    fingerprint: Digest
    """SHA-256 of the science of the specification, with the paths as they were."""
    made_at: datetime
    spec: Specification
    chosen: dict[str, str] = {}
    """What `auto` came to mean."""
    inputs: dict[str, Digest]
    """Digests of the data as it was trained on, of each teacher, of student.init."""
    seeds: tuple[int, ...]
    device: str
    threads: int
    environment: Environment | None = None
    """Of the attempt that finished."""
    attempts: tuple[AttemptMade, ...] = ()
    seconds: float | None = None
    """Of all attempts; so are the next two."""
    phases: dict[str, float] = {}
    device_seconds: float | None = None
    """Time for which the run held its device: GPU-seconds on a GPU."""
    energy_j: float | None = None
    verdict: str
    files: Annotated[tuple[ListedFile, ...], Field(max_length=MOST_FILES)]

    @field_validator("files")
    @classmethod
    def _each_once(cls, files: tuple[ListedFile, ...]) -> tuple[ListedFile, ...]:
        if len({file.path for file in files}) < len(files):
            raise ValueError("a path stands twice")
        return files

    def as_json(self) -> dict[str, Any]:
        """What was not measured is left out."""
        document = self.model_dump(mode="json", exclude_none=True)
        return {"schema": document.pop("schema_version"), **document}

    @classmethod
    def parse(cls, document: dict[str, Any]) -> Manifest:
        values = dict(document)
        return cls.model_validate({"schema_version": values.pop("schema"), **values})

    def as_text(self) -> bytes:
        return (json.dumps(self.as_json(), indent=2, allow_nan=False) + "\n").encode()
