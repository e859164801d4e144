"""What a job printed: line by line as JSON, or all of it as a text to keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from api import tags
from api.accepting import wants
from api.auth import JobsReader, authenticate
from api.jobs.record_schemas import LogEntry, LogTail
from api.pages import AfterSeq, Rows, stretch
from api.paths import JobId
from api.problems import problems
from api.services import Services, ServicesHere
from api.tags import TAGGED, SeenTags
from api.unit import Reading
from stillhouse.domain.events import Level, Stream
from stillhouse.domain.realm import Realm
from stillhouse.domain.text import PlainText
from stillhouse.store import ReadOnly
from stillhouse.store.records import LinesWanted
from stillhouse.store.tables import LogRow

router = APIRouter(
    prefix="/v1/jobs/{job_id}",
    tags=["jobs"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403, 404, 422),
)
TEXT = "text/plain"
BATCH = 2000
EXAMPLE = "2026-01-01T12:00:00.250000Z 1 stderr     warning  cudnn was not found\n"
TEXT_CONTENT: dict[str, Any] = {TEXT: {"schema": {"type": "string"}, "example": EXAMPLE}}
ANSWERS: dict[int | str, dict[str, Any]] = {**TAGGED, 200: {**TAGGED[200], "content": TEXT_CONTENT}}


async def lines_asked(
    stream: Annotated[
        list[Stream], Query(description="Only lines of this stream; given again, of any of them.")
    ] = [],  # noqa: B006 - FastAPI copies it
    level: Annotated[
        Level, Query(description="Only lines of this level, and of those above it.")
    ] = Level.DEBUG,
    contains: Annotated[
        PlainText, Query(max_length=200, description="Only lines with these letters in them.")
    ] = "",
) -> LinesWanted:
    return LinesWanted(stream, level.and_above, contains)


Wanted = Annotated[LinesWanted, Depends(lines_asked)]


@dataclass(frozen=True, slots=True)
class Printed:
    """All lines of a job, read as they are sent: each stretch in a unit of work of its own."""

    services: Services
    realm: Realm
    job_id: str
    after_seq: int
    wanted: LinesWanted

    def answer(self) -> Response:
        name = f'attachment; filename="{self.job_id}.log"'
        headers = {"Content-Disposition": name, "Vary": "Accept"}
        return StreamingResponse(self._text(), media_type=TEXT, headers=headers)

    def _text(self) -> Iterator[str]:
        seq = self.after_seq
        while lines := self._after(seq):
            yield "".join(map(_line, lines))
            seq = lines[-1].seq

    def _after(self, seq: int) -> list[LogRow]:
        with ReadOnly(self.services.sessions) as uow:
            return uow.logs.after(self.realm.tenant_id, self.job_id, seq, self.wanted, limit=BATCH)


def _line(line: LogRow) -> str:
    at = line.at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return f"{at} {line.attempt} {line.stream:<10} {line.level:<7} {line.text}\n"


async def text_asked(
    request: Request,
    who: JobsReader,
    job_id: JobId,
    wanted: Wanted,
    services: ServicesHere,
    after_seq: AfterSeq = 0,
) -> Printed | None:
    if not wants(request, TEXT):
        return None
    return Printed(services, who.realm, job_id, after_seq, wanted)


TextAsked = Annotated[Printed | None, Depends(text_asked)]


@router.get("/logs", operation_id="list_logs", response_model=LogTail, responses=ANSWERS)
def list_logs(
    who: JobsReader,
    job_id: JobId,
    wanted: Wanted,
    text: TextAsked,
    response: Response,
    seen: SeenTags,
    uow: Reading,
    after_seq: AfterSeq = 0,
    limit: Rows = 200,
) -> LogTail | Response:
    """What a job printed.

    With `Accept: text/plain` it is a file of all these lines, however many they are.
    """
    standing = uow.standings.of(who.realm, job_id)
    if text is not None:
        return text.answer()
    response.headers["Vary"] = "Accept"
    seen.unless(tags.of_job(standing))
    found = uow.logs.after(who.realm.tenant_id, job_id, after_seq, wanted, limit=limit + 1)
    lines, more = stretch(found, limit)
    last = lines[-1].seq if lines else after_seq
    return LogTail(data=[LogEntry.of(line) for line in lines], next_after_seq=last, has_more=more)
