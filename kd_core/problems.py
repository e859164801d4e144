"""From pydantic's errors to problems with an exact JSON pointer, the value and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kd_core.errors import Problem

SHOWN_VALUE_CHARACTERS = 80

WORDS: Mapping[str, str] = {
    # Names that JSON users know, for the type names that pydantic uses.
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "string": "a text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
}


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_VALUE_CHARACTERS else f"{text[:SHOWN_VALUE_CHARACTERS]}..."


def closest(value: object, allowed: Sequence[str], count: int = 5) -> list[str]:
    return difflib.get_close_matches(str(value), allowed, n=count, cutoff=0.5)


def one_of(pointer: str, code: str, noun: str, value: object, allowed: Sequence[str]) -> Problem:
    """A name that is none of those that exist, with the nearest ones first."""
    near = closest(value, allowed, count=3)
    guess = f"did you mean {' or '.join(near)}? " if near else ""
    return Problem(
        code=code,
        message=f"there is no {noun} {shown(value)}",
        hint=f"{guess}known: {', '.join(allowed)}",
        pointer=pointer,
    )


def from_validation_error(
    error: ValidationError, document: Any, model: type[BaseModel]
) -> tuple[Problem, ...]:
    """Every problem of a document, each with the pointer that a reader of the document expects."""
    details = error.errors(include_url=False)
    return tuple(dict.fromkeys(_problem(detail, document, model) for detail in details))


def _problem(detail: ErrorDetails, document: Any, model: type[BaseModel]) -> Problem:
    path = list(_document_path(detail["loc"], document))
    pointer = json_pointer(path)
    value, context = detail["input"], detail.get("ctx", {})
    description = _description(path, document, model)
    match detail["type"]:
        case "extra_forbidden":
            allowed = _keys_beside(path, document, model)
            return one_of(pointer, "unknown_key", "key", path[-1], allowed)
        case "missing":
            return Problem("missing_key", "this key is required", description, pointer)
        case "union_tag_invalid" | "union_tag_not_found":
            kinds = [tag.strip("'") for tag in str(context.get("expected_tags", "")).split(", ")]
            kinds = kinds if kinds != [""] else _kinds(path, document, model)
            if isinstance(value, Mapping) and "kind" not in value:
                hint = f"known kinds: {', '.join(kinds)}"
                return Problem("missing_key", "this key is required", hint, f"{pointer}/kind")
            return one_of(f"{pointer}/kind", "unknown_kind", "kind", _get(value, "kind"), kinds)
        case "literal_error":
            allowed = [choice.strip("'") for choice in str(context["expected"]).split(" or ")]
            allowed = [part.strip("'") for choice in allowed for part in choice.split(", ")]
            return one_of(pointer, "not_one_of", "choice", value, allowed)
        case kind if kind.endswith(("_type", "_parsing")):
            wanted = WORDS.get(kind.removesuffix("_type").removesuffix("_parsing"), detail["msg"])
            message = f"must be {wanted}; got {shown(value)}"
            return Problem("wrong_type", message, description, pointer)
        case "value_error":
            return Problem("invalid", str(context["error"]), "", pointer)
        case kind if kind in PLAIN_CODES:
            message = f"{detail['msg'].removeprefix('Input ')}; got {shown(value)}"
            return Problem(PLAIN_CODES[kind], message, description, pointer)
        case "too_short":
            message = f"needs at least {context['min_length']} entries; got {shown(value)}"
            return Problem("out_of_range", message, description, pointer)
        case "too_long":
            message = f"takes at most {context['max_length']} entries; got {shown(value)}"
            return Problem("out_of_range", message, description, pointer)
        case kind:
            # Raised by a validator of ours: its type is the code, its words are the message, and
            # it may name a place below the one it was raised at.
            place = f"{pointer}{context.get('pointer', '')}"
            return Problem(kind, detail["msg"], str(context.get("hint", "")), place)


PLAIN_CODES: Mapping[str, str] = {
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "finite_number": "out_of_range",
    "int_from_float": "wrong_type",
    "string_too_short": "out_of_range",
    "string_too_long": "out_of_range",
    "string_pattern_mismatch": "invalid",
}


def _document_path(loc: tuple[int | str, ...], document: Any) -> Iterator[int | str]:
    """The location without what pydantic adds: union tags and the names of validators.

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


def json_pointer(path: Sequence[int | str]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else value


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


def _models_at(
    path: Sequence[int | str], document: Any, model: type[BaseModel]
) -> list[type[BaseModel]]:
    """The models that could stand at a place; where the document says its kind, that one."""
    models, here = [model], document
    for part in path:
        if isinstance(part, str):
            fields = [outer.model_fields.get(part) for outer in models]
            models = [found for field in fields if field for found in _models_in(field.annotation)]
            here = _get(here, part)
        elif isinstance(here, list | tuple) and part < len(here):
            here = here[part]
        of_kind = [found for found in models if _get(here, "kind") in _kinds_of(found)]
        models = of_kind or models
    return models


def _keys_beside(path: Sequence[int | str], document: Any, model: type[BaseModel]) -> list[str]:
    models = _models_at(path[:-1], document, model)
    return list(dict.fromkeys(name for found in models for name in found.model_fields))


def _kinds(path: Sequence[int | str], document: Any, model: type[BaseModel]) -> list[str]:
    return [kind for found in _models_at(path, document, model) for kind in _kinds_of(found)]


def _description(path: Sequence[int | str], document: Any, model: type[BaseModel]) -> str:
    for owner in _models_at(path[:-1], document, model) if path else []:
        field = owner.model_fields.get(str(path[-1]))
        if field and field.description:
            return " ".join(field.description.split())
    return ""
