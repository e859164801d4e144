"""Whose things are meant: those of a whole tenant, or of one project of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from kd_core.errors import Problem
from kd_core.problems import shown
from stillhouse.domain.errors import Invalid

DEFAULT_PROJECT = "default"
"""Where everything is that was put into no other one."""

_NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"
ProjectName = Annotated[str, Field(pattern=_NAME)]


def check_project(text: str) -> str:
    if re.fullmatch(_NAME, text) is None:
        message = f"{shown(text)} is not the name of a project"
        hint = "up to 63 of a-z, 0-9, dot, _ and -, a letter or digit first"
        raise Invalid((Problem("invalid_project", message, hint, "/project"),))
    return text


@dataclass(frozen=True, slots=True)
class Realm:
    tenant_id: str
    project: str | None = None
    """None: all of them."""

    @classmethod
    def of(cls, whose: Realm | str) -> Realm:
        return whose if isinstance(whose, Realm) else cls(whose)

    def contains(self, other: Realm) -> bool:
        """Whether everything of the other one is seen from here."""
        return self.tenant_id == other.tenant_id and self.project in {None, other.project}

    def narrowed(self, project: str | None) -> Realm:
        """To this project, where one is named; refused when it lies beyond."""
        if project is None:
            return self
        if self.project not in {None, project}:
            raise Invalid((beyond(self.project or ""),))
        return Realm(self.tenant_id, project)


def beyond(project: str) -> Problem:
    message = f"this API key sees and makes only what is of the project {project}"
    hint = f"leave project out, or write {project}; for another one use another key"
    return Problem("other_project", message, hint, "/project")


Whose = Realm | str
"""A tenant's id alone means everything of it."""
