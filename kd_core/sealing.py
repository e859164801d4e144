"""The last two files of a run: the card that describes it, and the manifest that vouches for all.

Both are made of what lies in the folder, so that a run which was killed before them gets them
when it is called again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kd_core.files import sha256_of, write_atomically
from kd_core.hub_card.page import page
from kd_core.hub_card.subject import Subject
from kd_core.manifest import CARD, MANIFEST, ListedFile, Manifest, Specification
from kd_core.model_card import WEIGHTS as WEIGHTS_FILE
from kd_core.model_card import Card
from kd_core.provenance import logbook
from kd_core.spec.export import WEIGHTS
from kd_core.spec.sources import FILE
from kd_core.workdir import ATTEMPTS, RunRecord, Workdir

if TYPE_CHECKING:
    from datetime import datetime

    from kd_core.report import Report
    from kd_core.spec import DistillSpec

DOCUMENTS = (CARD, "report.json", "report.md", "report.html", "predictions.csv")
"""At the root, as far as they are there; the manifest cannot vouch for itself."""


def seal(
    folder: Workdir, report: Report, spec: DistillSpec, sent: Mapping[str, Any], now: datetime
) -> None:
    """Where there is a manifest, every file that it names is there and is what it says."""
    unseal(folder)
    record = folder.record()
    if record is None:  # nothing is known of how the report came to be
        return
    story = logbook.read(folder.path / ATTEMPTS)
    inputs = _inputs(folder, record)
    subject = Subject(
        report=report,
        spec=spec,
        card=Card.read(folder.artifacts / WEIGHTS, ""),
        inputs=inputs,
        device=record.device,
        device_name=None if story.environment is None else story.environment.device_name,
    )
    write_atomically(folder.path / CARD, page(subject).encode())
    manifest = Manifest(
        name=report.name,
        fingerprint=report.fingerprint,
        made_at=now,
        spec=Specification(sent=_without_places(sent), resolved=_without_places(spec.resolved())),
        chosen=report.chosen,
        inputs=inputs,
        seeds=spec.recipe.seeds,
        device=record.device,
        threads=record.threads,
        environment=story.environment,
        attempts=story.attempts,
        **_sums(story),
        verdict=report.verdict,
        files=tuple(_listed(folder, report)),
    )
    write_atomically(folder.path / MANIFEST, manifest.as_text())


def unseal(folder: Workdir) -> None:
    """Before a file that it names is changed."""
    (folder.path / MANIFEST).unlink(missing_ok=True)


def is_sealed(folder: Workdir) -> bool:
    return (folder.path / MANIFEST).exists()


def _inputs(folder: Workdir, record: RunRecord) -> dict[str, str]:
    """With the teacher that was trained here, which no file brought."""
    trained = folder.teacher / WEIGHTS_FILE
    made_here = {"teacher": sha256_of(trained)} if trained.is_file() else {}
    brought = {name: digest for name, digest in record.inputs.items() if digest is not None}
    return made_here | brought


def _sums(story: logbook.Attempts) -> dict[str, Any]:
    """Over all attempts; nothing, where none was written down."""
    if not story.attempts:
        return {}
    phases: dict[str, float] = {}
    for attempt in story.attempts:
        for phase, seconds in attempt.phases.items():
            phases[phase] = round(phases.get(phase, 0.0) + seconds, 3)
    seconds = round(sum(attempt.seconds for attempt in story.attempts), 3)
    energy = [attempt.energy_j for attempt in story.attempts]
    return {
        "seconds": seconds,
        "phases": phases,
        "device_seconds": seconds,
        "energy_j": None if None in energy else sum(joules for joules in energy if joules),
    }


def _listed(folder: Workdir, report: Report) -> Iterator[ListedFile]:
    """Artifacts by the digests that they were measured under, whatever lies there by now."""
    for name in DOCUMENTS:
        path = folder.path / name
        if path.is_file():
            size = path.stat().st_size
            yield ListedFile(path=name, bytes=size, sha256=sha256_of(path))
    for artifact in report.artifacts:
        for file in artifact.files:
            path_within = f"artifacts/{file.path}"
            yield ListedFile(path=path_within, bytes=file.bytes, sha256=file.sha256)


def _without_places(value: Any) -> Any:
    """A specification without the paths of this machine: of an absolute one stays the last name."""
    if isinstance(value, Mapping):
        return {key: _without_places(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_places(item) for item in value]
    if isinstance(value, str) and value.startswith(FILE):
        path = PurePosixPath(value.removeprefix(FILE))
        return f"{FILE}{path.name}" if path.is_absolute() else value
    return value
