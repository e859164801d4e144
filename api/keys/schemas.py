"""API keys, as they are made and shown."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.answers import Answer, PageOf
from api.jobs.lists import in_utc
from api.models.schemas import Name
from kd_core.spec.section import FromList, Section
from stillhouse.domain.keys import USER_SCOPES, Scope
from stillhouse.domain.realm import ProjectName
from stillhouse.store.tables import ApiKeyRow

LONGEST_OVERLAP_S = 7 * 86_400
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def _written_out(given: Any) -> Any:
    """Numbers are moments too, for pydantic."""
    if isinstance(given, str) and _WRITTEN.match(given):
        return given
    message = "is not a moment such as 2027-01-31T00:00:00Z"
    raise PydanticCustomError("wrong_type", "{message}", {"message": message})


Moment = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_written_out), AfterValidator(in_utc)
]


class NewKey(Section):
    name: Name
    """What it is for, and so what stops when it is revoked."""
    scopes: Annotated[
        tuple[Annotated[Scope, Field(strict=False)], ...], FromList, Field(min_length=1)
    ] = USER_SCOPES
    """What it may do; `admin` may do everything, and is the only one that can make keys."""
    project: ProjectName | None = None
    """The only project that it sees and makes things in. Left out: that of the key that makes it,
    and all of the tenant where that one has none.
    """
    expires_at: Moment | None = None
    """From then on it is refused. Left out: never."""


class Rotation(Section):
    overlap_s: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP_S)] = 3600
    """For so many seconds the secret before is good as well; 0 ends it at once."""


class Key(Answer):
    id: str
    """key_..."""
    name: str
    """What it is for."""
    project: str | None
    """The only one that it sees; null: all of its tenant."""
    scopes: list[Scope]
    """What it may do."""
    created_at: datetime
    """When it was made."""
    expires_at: datetime | None
    """From when on it is refused; null: never."""
    last_used_at: datetime | None
    """To the minute; null: never yet."""
    previous_valid_until: datetime | None
    """Until when the secret before the last rotation is, or was, good; null: it ended at once, or
    there was none.
    """

    @classmethod
    def of(cls, key: ApiKeyRow) -> Self:
        return cls(**_shown(key))


class KeyWithToken(Key):
    token: str
    """sh_live_...: what `Authorization: Bearer` takes. It is not kept, and this is the only time
    that it is shown.
    """

    @classmethod
    def made(cls, key: ApiKeyRow, token: str) -> Self:
        return cls(**_shown(key), token=token)


class KeyPage(PageOf[Key]):
    pass


class Me(Answer):
    tenant: str
    """Whose key it is."""
    key: Key
    """The key that asks: its project, its scopes, and when it expires."""


def _shown(key: ApiKeyRow) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "project": key.project,
        "scopes": key.scopes,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "previous_valid_until": key.previous_until,
    }
