"""The bundle: everything that a job made as one tar whose every byte is known before it is sent.

Equal artifacts make equal bytes: members are sorted, and have the time at which the job ended and
nobody's name. So it has a length and a tag, and a download that broke off can be taken up.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.artifacts import ranges
from api.artifacts.content import matches, safe_part
from stillhouse.domain.errors import NotSucceeded
from stillhouse.domain.job import State
from stillhouse.store import DirectoryBlobs
from stillhouse.store.tables import ArtifactRow, JobRow

MEDIA_TYPE = "application/x-tar"
LONGEST_ROOT = 64
READABLE = 0o644


@dataclass(frozen=True)
class Piece:
    """A stretch of the tar: bytes of its own, or those of a blob."""

    size: int
    own: bytes = b""
    sha256: str = ""


class Bundle:
    def __init__(self, job: JobRow, artifacts: Sequence[ArtifactRow]) -> None:
        name = safe_part(job.name, "").strip("._-")[:LONGEST_ROOT]
        self.root = f"{name or 'job'}-{job.id}"
        """The folder that everything lies in."""
        at = 0 if job.finished_at is None else int(job.finished_at.timestamp())
        ordered = sorted(artifacts, key=lambda artifact: artifact.path)
        self._pieces = [piece for one in ordered for piece in _pieces(self.root, one, at)]
        self._pieces.append(_end(sum(piece.size for piece in self._pieces)))
        *self._starts, self.size = accumulate((piece.size for piece in self._pieces), initial=0)
        layout = hashlib.sha256()
        for piece in self._pieces:
            layout.update(piece.own or piece.sha256.encode())
        self.tag = f'"bundle-{layout.hexdigest()}"'

    def check(self, blobs: DirectoryBlobs, wanted: range) -> None:
        """What can be known before the first byte: that every file has its size. One that the range
        cuts through is read to its end now, because it will not be then.
        """
        for piece, part in self._within(wanted):
            if piece.sha256 and len(part) < piece.size:
                blobs.check(piece.sha256, piece.size)
            elif piece.sha256:
                blobs.check_size(piece.sha256, piece.size)

    def read(self, blobs: DirectoryBlobs, wanted: range) -> Iterator[bytes]:
        """`BlobCorrupted` in the middle of it, rather than the end of a wrong file."""
        for piece, part in self._within(wanted):
            if not piece.sha256:
                yield piece.own[part.start : part.stop]
            elif len(part) == piece.size:
                yield from blobs.read_whole(piece.sha256)
            else:
                yield from blobs.read(piece.sha256, part.start, part.stop)

    def _within(self, wanted: range) -> Iterator[tuple[Piece, range]]:
        """The pieces that the range touches, and which of their bytes."""
        for start, piece in zip(self._starts, self._pieces, strict=True):
            part = range(max(0, wanted.start - start), min(piece.size, wanted.stop - start))
            if part:
                yield piece, part


def answer(
    request: Request, blobs: DirectoryBlobs, job: JobRow, artifacts: Sequence[ArtifactRow]
) -> Response:
    if job.state is not State.SUCCEEDED:
        raise NotSucceeded(job.id, job.state)
    bundle = Bundle(job, artifacts)
    headers = {"ETag": bundle.tag, "Accept-Ranges": "bytes"}
    if matches(request.headers.get("if-none-match"), bundle.tag):
        return Response(status_code=304, headers=headers)
    try:
        wanted = ranges.asked(request.headers, bundle.tag, bundle.size)
    except ranges.Unsatisfiable:
        return ranges.refusal(request.scope, bundle.size)
    bundle.check(blobs, wanted)
    headers["Content-Length"] = str(len(wanted))
    headers["Content-Disposition"] = f'attachment; filename="{bundle.root}.tar"'
    whole = len(wanted) == bundle.size
    if not whole:
        told = f"bytes {wanted.start}-{wanted.stop - 1}/{bundle.size}"
        headers["Content-Range"] = told
    status = 200 if whole else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=MEDIA_TYPE)
    body = bundle.read(blobs, wanted)
    return StreamingResponse(body, status, headers, MEDIA_TYPE)


def _pieces(root: str, artifact: ArtifactRow, at: int) -> Iterator[Piece]:
    parts = [safe_part(part, "artifact") for part in artifact.path.split("/")]
    member = tarfile.TarInfo("/".join((root, *parts)))
    member.size, member.mtime, member.mode = artifact.size_bytes, at, READABLE
    header = member.tobuf(tarfile.PAX_FORMAT)
    yield Piece(len(header), own=header)
    if artifact.size_bytes:
        yield Piece(artifact.size_bytes, sha256=artifact.blob_sha256)
    padding = -artifact.size_bytes % tarfile.BLOCKSIZE
    if padding:
        yield Piece(padding, own=bytes(padding))


def _end(size: int) -> Piece:
    """Two blocks of zeros, and as many more as fill the last record."""
    zeros = 2 * tarfile.BLOCKSIZE
    zeros += -(size + zeros) % tarfile.RECORDSIZE
    return Piece(zeros, own=bytes(zeros))
