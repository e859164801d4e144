"""Artifacts on their way to disk: resumed where they broke off, named once they are checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import httpx2

from kd_core.files import PARTIAL, sha256_of
from stillhouse.client.answers import Artifact
from stillhouse.client.errors import FileUnusable, TransferBroken
from stillhouse.client.retry import RETRIED, TRIES, delay_s
from stillhouse.client.wire import Wire, place, unreachable

PARTIAL_CONTENT = 206


class Artifacts:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def get(self, artifact_id: str) -> Artifact:
        return self._wire.read(Artifact, "GET", place("artifacts", artifact_id))

    def download(self, artifact: Artifact, target: Path) -> Path:
        """The file, whole and with the announced digest, or an error and no file of this name."""
        if target.is_file() and sha256_of(target) == artifact.sha256:
            return target
        partial = target.with_name(target.name + PARTIAL)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._fetch(artifact, partial)
            found = sha256_of(partial)
            if found != artifact.sha256:
                # What was resumed may have been another file's: one more time, from its start.
                partial.unlink()
                self._fetch(artifact, partial)
                found = sha256_of(partial)
            if found != artifact.sha256:
                partial.unlink()
                raise _broken(artifact, f"has the digest {found}, not {artifact.sha256}")
            partial.replace(target)
        except OSError as error:
            message = f"cannot be written: {error.strerror}"
            raise FileUnusable(message, hint="choose another --out", file=str(target)) from None
        return target

    def _fetch(self, artifact: Artifact, partial: Path) -> None:
        """Until all bytes are there. Tries that bring nothing new are counted, others are not."""
        pace, failures = self._wire.pace, 0
        partial.touch()
        while (have := _size(partial)) < artifact.bytes:
            try:
                self._append(artifact, partial, have)
                broken: Exception | None = None
            except httpx2.TransportError as error:
                broken = error
            failures = 0 if _size(partial) > have else failures + 1
            if failures >= TRIES:
                if isinstance(broken, httpx2.TransportError):
                    raise unreachable(self._wire.url, broken) from None
                raise _broken(artifact, f"ends after {have} of {artifact.bytes} bytes")
            if failures:
                pace.sleep(delay_s(failures, pace.chance()))

    def _append(self, artifact: Artifact, partial: Path, have: int) -> None:
        headers = {"Accept-Encoding": "identity"}
        if have:
            # The tag is the content: a part of anything else is not worth going on with.
            headers |= {"Range": f"bytes={have}-", "If-Range": f'"sha256-{artifact.sha256}"'}
        path = place("artifacts", artifact.id, "content")
        with self._wire.stream(path, headers, passing=RETRIED) as answer:
            if answer.status_code in RETRIED:
                return
            mode = "ab" if answer.status_code == PARTIAL_CONTENT else "wb"
            with partial.open(mode) as file:
                for chunk in answer.iter_raw():
                    file.write(chunk)


def place_for(folder: Path, artifact: Artifact) -> Path:
    """Where the artifact goes in a folder: its own path, which may not lead out of it."""
    parts = PurePosixPath(artifact.path).parts
    unsafe = any(part in {"/", ".."} or "\\" in part or not part.isprintable() for part in parts)
    if not parts or unsafe or ":" in parts[0]:
        message = f"the service names a file {artifact.path!r}, which is not inside the folder"
        raise TransferBroken(message, hint="it was not written")
    return folder.joinpath(*parts)


def pull(
    artifacts: Artifacts,
    wanted: Sequence[Artifact],
    folder: Path,
    on_file: Callable[[Path], None] = lambda _path: None,
) -> list[Path]:
    """All of them, each under its own path in the folder."""
    places = [place_for(folder, artifact) for artifact in wanted]
    for artifact, target in zip(wanted, places, strict=True):
        artifacts.download(artifact, target)
        on_file(target)
    return places


def _size(path: Path) -> int:
    return path.stat().st_size


def _broken(artifact: Artifact, what: str) -> TransferBroken:
    return TransferBroken(f"{artifact.path} {what}", hint="the file was not kept; try again")
