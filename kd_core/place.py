"""A place in a document, as a reader of the document would point at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel


@dataclass(frozen=True)
class Place:
    """Where an error is: the path in the document, and the model that the document is read by."""

    path: tuple[int | str, ...]
    document: Any
    model: type[BaseModel]

    @classmethod
    def of(cls, loc: tuple[int | str, ...], document: Any, model: type[BaseModel]) -> Place:
        return cls(tuple(_path_in(document, loc)), document, model)

    @property
    def pointer(self) -> str:
        return json_pointer(self.path)

    @property
    def keys_beside(self) -> list[str]:
        """The keys that may stand where the last part of the path stands."""
        models = self._models_at(self.path[:-1])
        # A kind that knows the key is not the one that refused it: a preset chose another.
        models = [m for m in models if self.path[-1] not in m.model_fields] or models
        return list(dict.fromkeys(name for found in models for name in found.model_fields))

    @property
    def kinds(self) -> list[str]:
        return [kind for found in self._models_at(self.path) for kind in _kinds_of(found)]

    @property
    def description(self) -> str:
        for owner in self._models_at(self.path[:-1]) if self.path else []:
            field = owner.model_fields.get(str(self.path[-1]))
            if field and field.description:
                return " ".join(field.description.split())
        return ""

    def _models_at(self, path: Sequence[int | str]) -> list[type[BaseModel]]:
        """The models that could stand at a place; where the document says its kind, that one."""
        models, here = [self.model], self.document
        for part in path:
            if isinstance(part, str):
                fields = [outer.model_fields.get(part) for outer in models]
                models = [
                    found for field in fields if field for found in _models_in(field.annotation)
                ]
                here = here.get(part) if isinstance(here, Mapping) else None
            elif isinstance(here, list | tuple) and part < len(here):
                here = here[part]
            kind = here.get("kind") if isinstance(here, Mapping) else None
            models = [found for found in models if kind in _kinds_of(found)] or models
        return models


def json_pointer(path: Sequence[int | str]) -> str:
    """RFC 6901."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in escaped)


def _path_in(document: Any, loc: tuple[int | str, ...]) -> Iterator[int | str]:
    """A pydantic location without what pydantic adds: union tags and the names of validators.

    A part belongs to the document when the document has it there, or when it is the last one
    (a missing key is not there). In a mapping whose `kind` equals the part, it is the tag.
    """
    here = document
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(here, Mapping):
            is_tag = here.get("kind") == part and not (last and part in here)
            if not is_tag and (part in here or last):
                yield part
                here = here.get(part)
        elif isinstance(here, list | tuple) and isinstance(part, int):
            yield part
            here = here[part] if part < len(here) else None


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) is not Literal:
        parts = get_args(annotation)
        for part in parts[:1] if get_origin(annotation) is Annotated else parts:
            yield from _models_in(part)


def _kinds_of(model: type[BaseModel]) -> tuple[str, ...]:
    field = model.model_fields.get("kind")
    return get_args(field.annotation) if field else ()
