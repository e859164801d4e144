"""What a job was made by: ids that lead from the log of a pipeline to that of a trainer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

# W3C Trace Context: version, trace, span, flags. An id of nothing but zeros is none.
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


@dataclass(frozen=True, slots=True)
class Cause:
    request_id: str = ""
    traceparent: str = ""

    @classmethod
    def of_event(cls, data: Mapping[str, Any]) -> Self:
        return cls(str(data.get("request_id", "")), str(data.get("traceparent", "")))

    @property
    def told(self) -> dict[str, str]:
        """What is known of it."""
        both = {"request_id": self.request_id, "traceparent": self.traceparent}
        return {name: text for name, text in both.items() if text}


def traceparent_in(text: str) -> str:
    """As the standard has it, or nothing: it ends in logs and in the environment of a process."""
    return text if _TRACEPARENT.fullmatch(text) else ""
