"""API keys, as they are made and shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.answers import Answer, PageOf
from api.models.schemas import Name
from kd_core.problems import shown
from kd_core.spec.section import FromList, Section
from stillhouse.domain.keys import Scope
from stillhouse.domain.realm import ProjectName
from stillhouse.store.tables import ApiKeyRow

NOT_KEPT = {"Cache-Control": "no-store"}
"""Of an answer that has a secret in it."""
LONGEST_OVERLAP_S = 7 * 86_400
ScopeWord = Literal["jobs:read", "jobs:write", "data:write", "artifacts:read", "admin"]


def _moment(given: Any) -> datetime:
    """Pydantic would take a number, or the text of one, for one too."""
    try:
        moment = datetime.fromisoformat(given)
        if moment.utcoffset() is not None:
            return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    message = f"{shown(given)} is not a moment such as 2027-01-31T00:00:00Z"
    raise PydanticCustomError("not_a_moment", "{message}", {"message": message})


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


class NewKey(Section):
    name: Name
    """What it is for, and so what stops when it is revoked."""
    scopes: Annotated[tuple[ScopeWord, ...], FromList, Field(min_length=1)] = (
        "jobs:read",
        "jobs:write",
        "data:write",
        "artifacts:read",
    )
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
    parent_id: str | None
    """The key that it was made from by signing in, and that it ends with; null: from none."""

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
        "parent_id": key.parent_id,
    }
