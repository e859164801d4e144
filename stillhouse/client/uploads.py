"""Sending a file in parts; what the service has of it already is not sent again."""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kd_core.files import sha256_of
from stillhouse.client.answers import Me, Page, Part, Upload
from stillhouse.client.errors import ApiError, FileUnusable
from stillhouse.client.library import every
from stillhouse.client.packing import one_file
from stillhouse.client.wire import PATIENT, Wire, place
from stillhouse.domain.realm import DEFAULT_PROJECT
from stillhouse.domain.uploads import UploadKind, UploadState, part_count, part_length

OnProgress = Callable[[int, int], None]
"""Bytes that the service has, and all bytes."""


@dataclass(frozen=True)
class Stretch:
    """The bytes of one part."""

    number: int
    start: int
    length: int


def stretches(size: int, part_size: int) -> Iterator[Stretch]:
    for number in range(1, part_count(size, part_size) + 1):
        yield Stretch(number, (number - 1) * part_size, part_length(number, size, part_size))


def content_digest(content: bytes) -> str:
    """RFC 9530."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode('ascii')}:"


class Begun(NamedTuple):
    """What tells one upload that was begun from another."""

    url: str
    kind: str
    sha256: str
    project: str | None = None
    """As it was asked for; None: whichever the key stands for."""


class OpenUploads:
    """Which uploads were begun and not completed, so that the same file goes on where it was."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, of: Begun) -> str | None:
        note = self._note(of)
        try:
            return note.read_text(encoding="ascii").strip() or None if note else None
        except (OSError, UnicodeDecodeError):
            return None

    def keep(self, of: Begun, upload_id: str) -> None:
        note = self._note(of)
        if note is None:
            return
        try:
            note.parent.mkdir(parents=True, exist_ok=True)
            note.write_text(f"{upload_id}\n", encoding="ascii")
        except OSError:
            pass  # without the note an interrupted upload begins anew, and that is all

    def forget(self, of: Begun) -> None:
        note = self._note(of)
        if note is not None:
            note.unlink(missing_ok=True)

    def _note(self, of: Begun) -> Path | None:
        if self._folder is None:
            return None
        words = [word for word in of if word is not None]
        return self._folder / hashlib.sha256(" ".join(words).encode()).hexdigest()


class Uploads:
    def __init__(self, wire: Wire, notes: OpenUploads) -> None:
        self._wire = wire
        self._notes = notes

    def send(
        self,
        path: Path,
        kind: UploadKind,
        on_progress: OnProgress | None = None,
        *,
        project: str | None = None,
    ) -> Upload:
        """A complete upload of a file, or of a folder as one tar."""
        with one_file(path) as (file, name), _opened(file) as opened:
            size = _size(opened, path)
            begun = Begun(self._wire.url, kind.value, sha256_of(file), project)
            upload = self._begun(begun, name, size)
            tell = on_progress or _nobody
            if not upload.is_complete:
                self._send_parts(upload, opened, tell)
                upload = self._complete(upload.id)
            self._notes.forget(begun)
            tell(size, size)
        return upload

    def create(
        self,
        kind: UploadKind,
        filename: str,
        size: int,
        sha256: str,
        *,
        project: str | None = None,
    ) -> Upload:
        """In that project; without one, in that of the key, or in `default`."""
        body = {"kind": kind.value, "filename": filename, "bytes": size, "sha256": sha256}
        if project is not None:
            body["project"] = project
        return self._wire.read(Upload, "POST", "/v1/uploads", body=body)

    def list(self, *, state: UploadState | None = None) -> Iterator[Upload]:
        """Without their parts, and with how much there is of each."""
        return every(self._wire, Page[Upload], "/v1/uploads", {"state": state})

    def get(self, upload_id: str) -> Upload:
        return self._wire.read(Upload, "GET", place("uploads", upload_id))

    def put_part(self, upload_id: str, number: int, content: bytes) -> Part:
        return self._wire.read(
            Part,
            "PUT",
            place("uploads", upload_id, "parts", str(number)),
            content=content,
            headers={
                "Content-Digest": content_digest(content),
                "Content-Type": "application/octet-stream",
            },
        )

    def delete(self, upload_id: str) -> None:
        self._wire.ask("DELETE", place("uploads", upload_id))

    def _begun(self, of: Begun, name: str, size: int) -> Upload:
        """The upload of these bytes that was interrupted, or a new one."""
        known = self._notes.find(of)
        if known is not None:
            try:
                upload, project = self.get(known), of.project or self._project_of_key()
            except ApiError:
                pass  # it has expired, or it was another key's: begin anew
            else:
                found = (upload.sha256, upload.bytes, upload.project, upload.state)
                if found == (of.sha256, size, project, UploadState.OPEN):
                    return upload
        upload = self.create(UploadKind(of.kind), name, size, of.sha256, project=of.project)
        self._notes.keep(of, upload.id)
        return upload

    def _project_of_key(self) -> str:
        """Where a new upload would be: the key may be another one than that of the note."""
        return self._wire.read(Me, "GET", "/v1/me").key.project or DEFAULT_PROJECT

    def _send_parts(self, upload: Upload, file: BinaryIO, tell: OnProgress) -> None:
        there = digests(upload.parts)
        sent = 0
        for stretch in stretches(upload.bytes, upload.part_size):
            file.seek(stretch.start)
            content = file.read(stretch.length)
            known = there.get(stretch.number)
            if known is None or known != hashlib.sha256(content).hexdigest():
                self.put_part(upload.id, stretch.number, content)
            sent += stretch.length
            tell(sent, upload.bytes)

    def _complete(self, upload_id: str) -> Upload:
        path = place("uploads", upload_id, "complete")
        return self._wire.read(Upload, "POST", path, idempotent=True, timeout=PATIENT)


def digests(parts: Iterable[Part]) -> dict[int, str]:
    return {part.number: part.sha256 for part in parts}


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise FileUnusable(message, hint="check the path", file=str(path)) from None


def _size(file: BinaryIO, path: Path) -> int:
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise FileUnusable("this is neither a file nor a folder", file=str(path))
    if found.st_size == 0:
        raise FileUnusable("the file is empty", hint="was it written to the end?", file=str(path))
    return found.st_size


def _nobody(_sent: int, _total: int) -> None:
    pass
