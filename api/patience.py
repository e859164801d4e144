"""`Prefer: wait=N` (RFC 7240): how long a client would rather wait than hear nothing new."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import WithJsonSchema

LONGEST_S = 60
_WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?=$|[,;])', re.IGNORECASE)
APPLIED = "Preference-Applied"
APPLIED_HEADER: dict[str, Any] = {
    APPLIED: {
        "description": "The answer was waited for, at most so long.",
        "schema": {"type": "string", "examples": ["wait=20"]},
    }
}
"""For `responses=`."""


async def patience_s(
    prefer: Annotated[
        list[str] | None,
        Header(
            alias="Prefer",
            description=f"wait=N: answer as soon as there is news, at most after N seconds (and "
            f"after {LONGEST_S} in any case). What else a client prefers is ignored.",
            examples=["wait=20"],
        ),
        WithJsonSchema({"type": "string"}),  # lines of one header are one list
    ] = None,
) -> int | None:
    found = _WAIT.search(",".join(prefer or ()))
    return min(int(found[1]), LONGEST_S) if found else None


PatienceS = Annotated[int | None, Depends(patience_s)]
