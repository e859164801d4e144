"""Artifacts on their way to disk: resumed where they broke off, named once they are checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin

import httpx2

from kd_core.files import PARTIAL, sha256_of
from stillhouse.client.answers import Artifact, Link
from stillhouse.client.errors import FileUnusable, ServerUnreachable, TransferBroken
from stillhouse.client.retry import RETRIED, TRIES, delay_s
from stillhouse.client.tars import digests_in
from stillhouse.client.wire import Wire, place, unreachable

PARTIAL_CONTENT = 206
OnBytes = Callable[[int], None]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Content:
    """Something that is fetched in one go or in several."""

    path: str
    tag: str
    """Of these very bytes: a part of any others is not worth going on with."""
    bytes: int
    called: str


class Artifacts:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def get(self, artifact_id: str) -> Artifact:
        return self._wire.read(Artifact, "GET", place("artifacts", artifact_id))

    def link(self, artifact_id: str) -> Link:
        """An address that is good for some minutes for whoever has it, without a key."""
        path = place("artifacts", artifact_id, "link")
        link = self._wire.read(Link, "POST", path, idempotent=True)
        return link.model_copy(update={"url": urljoin(self._wire.url, link.url)})

    def download(
        self, artifact: Artifact, target: Path, on_bytes: OnBytes = lambda _have: None
    ) -> Path:
        """The file, whole and with the announced digest, or an error and no file of this name."""
        content = Content(
            path=place("artifacts", artifact.id, "content"),
            tag=f'"sha256-{artifact.sha256}"',
            bytes=artifact.bytes,
            called=artifact.path,
        )

        def wrong(file: Path) -> str | None:
            found = sha256_of(file)
            differs = found != artifact.sha256
            return f"has the digest {found}, not {artifact.sha256}" if differs else None

        return self._kept(content, target, wrong, on_bytes)

    def bundle(
        self,
        job_id: str,
        artifacts: Sequence[Artifact],
        target: Path,
        on_bytes: OnProgress = lambda _have, _whole: None,
    ) -> Path:
        """All `artifacts` of a job as one tar, every file in it with the announced digest."""
        path = place("jobs", job_id, "bundle")
        first = self._wire.ask("GET", path, headers={"Range": "bytes=0-0"})
        told = first.headers.get("content-range", "").rpartition("/")[2]
        if not told.isdecimal():
            raise ServerUnreachable(
                f"{self._wire.url} was asked for the first byte of the bundle and sent more",
                hint="something on the way drops the header Range; fetch the files one by one",
            )
        whole = int(told)
        content = Content(path, first.headers["etag"], whole, target.name)
        expected = sorted(artifact.sha256 for artifact in artifacts)

        def wrong(file: Path) -> str | None:
            return None if digests_in(file) == expected else "does not hold the files of the job"

        return self._kept(content, target, wrong, lambda have: on_bytes(have, whole))

    def _kept(
        self,
        content: Content,
        target: Path,
        wrong: Callable[[Path], str | None],
        on_bytes: OnBytes,
    ) -> Path:
        partial = target.with_name(target.name + PARTIAL)
        try:
            if target.is_file() and wrong(target) is None:
                return target
            target.parent.mkdir(parents=True, exist_ok=True)
            self._fetch(content, partial, on_bytes)
            if wrong(partial) is not None:
                # What was resumed may have been another file's: one more time, from its start.
                partial.unlink()
                self._fetch(content, partial, on_bytes)
            if (what := wrong(partial)) is not None:
                partial.unlink()
                raise _broken(content, what)
            partial.replace(target)
        except OSError as error:
            message = f"cannot be written: {error.strerror}"
            raise FileUnusable(message, hint="choose another place", file=str(target)) from None
        return target

    def _fetch(self, content: Content, partial: Path, on_bytes: OnBytes) -> None:
        """Until all bytes are there. Tries that bring nothing new are counted, others are not."""
        pace, failures = self._wire.pace, 0
        partial.touch()
        while (have := _size(partial)) < content.bytes:
            try:
                self._append(content, partial, have, on_bytes)
                broken: Exception | None = None
            except httpx2.TransportError as error:
                broken = error
            failures = 0 if _size(partial) > have else failures + 1
            if failures >= TRIES:
                if isinstance(broken, httpx2.TransportError):
                    raise unreachable(self._wire.url, broken) from None
                raise _broken(content, f"ends after {have} of {content.bytes} bytes")
            if failures:
                pace.sleep(delay_s(failures, pace.chance()))

    def _append(self, content: Content, partial: Path, have: int, on_bytes: OnBytes) -> None:
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": content.tag}
        with self._wire.stream(content.path, headers, passing=RETRIED) as answer:
            if answer.status_code in RETRIED:
                return
            goes_on = answer.status_code == PARTIAL_CONTENT
            have = have if goes_on else 0
            with partial.open("ab" if goes_on else "wb") as file:
                for chunk in answer.iter_raw():
                    file.write(chunk)
                    have += len(chunk)
                    on_bytes(have)


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
    on_progress: OnProgress = lambda _have, _whole: None,
) -> list[Path]:
    """All of them, each under its own path in the folder."""
    places = [place_for(folder, artifact) for artifact in wanted]
    whole, before = sum(artifact.bytes for artifact in wanted), 0
    for artifact, target in zip(wanted, places, strict=True):
        artifacts.download(artifact, target, _after(before, whole, on_progress))
        before += artifact.bytes
        on_progress(before, whole)
    return places


def _after(before: int, whole: int, on_progress: OnProgress) -> OnBytes:
    """The progress of one file as that of all of them."""
    return lambda have: on_progress(before + have, whole)


def _size(path: Path) -> int:
    return path.stat().st_size


def _broken(content: Content, what: str) -> TransferBroken:
    return TransferBroken(f"{content.called} {what}", hint="the file was not kept; try again")
