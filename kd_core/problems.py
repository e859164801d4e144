"""From pydantic's errors to problems with an exact JSON pointer, the value and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kd_core.errors import LeftOut, Problem
from kd_core.place import Place

SHOWN_VALUE_CHARACTERS = 80
MOST_PROBLEMS = 100
"""To look for what was meant takes time for each: nobody reads a thousand of them."""

# What JSON users call the types that pydantic names.
WORDS: Mapping[str, str] = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "string": "a text",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "model_attributes": "a mapping",
}
OUT_OF_RANGE = (
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "finite_number",
    "string_too_short",
    "string_too_long",
)


def from_validation_error(
    error: ValidationError, document: Any, model: type[BaseModel]
) -> tuple[Problem, ...]:
    """Every problem of a document, each with the pointer that a reader of the document expects."""
    details = [detail for detail in error.errors(include_url=False) if not _is_echo(detail)]
    found: dict[str | None, list[Problem]] = {}
    for detail in details[:MOST_PROBLEMS]:
        problem = _problem(detail, Place.of(detail["loc"], document, model))
        found.setdefault(problem.pointer, []).append(problem)
    told = dict.fromkeys(problem for at in found.values() for problem in _of_one_value(at))
    return (*told, *_left_out(len(details) - MOST_PROBLEMS))


def _left_out(count: int) -> Sequence[Problem]:
    if count <= 0:
        return ()
    message, hint = f"and {count} more", "mend these first"
    return (LeftOut("more_problems", message, hint, pointer="", count=count),)


def _of_one_value(problems: Sequence[Problem]) -> Sequence[Problem]:
    """A value that may be a number or a name, and is neither, is one mistake and not two."""
    by_code = {problem.code: problem for problem in problems}
    if "not_one_of" not in by_code or len(by_code) == 1:
        return problems
    name = by_code["not_one_of"]
    if "wrong_type" in by_code:
        allowed = name.hint.rpartition("known: ")[2]
        message = by_code["wrong_type"].message.replace("; got", f" or {allowed}; got")
        return [replace(name, message=message)]
    return [problem for problem in problems if problem is not name]


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


def shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_VALUE_CHARACTERS else f"{text[:SHOWN_VALUE_CHARACTERS]}..."


def closest(value: object, allowed: Sequence[str], count: int = 5) -> list[str]:
    return difflib.get_close_matches(str(value), allowed, n=count, cutoff=0.5)


def _is_echo(detail: ErrorDetails) -> bool:
    """A list that is only too short because its entries were refused, or a default that cannot be
    known because what it follows from was: that is told already.
    """
    if detail["type"] == "default_factory_not_called":
        return True
    least = detail.get("ctx", {}).get("min_length", 0)
    return detail["type"] == "too_short" and len(detail["input"]) >= least


def _problem(detail: ErrorDetails, place: Place) -> Problem:
    kind = detail["type"]
    if kind in EXPLAINED:
        return EXPLAINED[kind](detail, place)
    if kind in OUT_OF_RANGE:
        message = f"{detail['msg'].removeprefix('Input ')}; got {shown(detail['input'])}"
        return Problem("out_of_range", message, place.description, place.pointer)
    type_name = kind.removesuffix("_type").removesuffix("_from_float").removesuffix("_parsing")
    if type_name in WORDS and type_name != kind:
        message = f"must be {WORDS[type_name]}; got {shown(detail['input'])}"
        return Problem("wrong_type", message, place.description, place.pointer)
    # Raised by a validator of ours: its type is the code, its words are the message, and it may
    # name a place below the one that it was raised at.
    context = detail.get("ctx", {})
    pointer = f"{place.pointer}{context.get('pointer', '')}"
    return Problem(kind, detail["msg"], str(context.get("hint", "")), pointer)


def _unknown_key(detail: ErrorDetails, place: Place) -> Problem:
    return one_of(place.pointer, "unknown_key", "key", detail["loc"][-1], place.keys_beside)


def _missing_key(detail: ErrorDetails, place: Place) -> Problem:
    if isinstance(detail["loc"][-1], int):  # a place in a list of fixed length
        whole = replace(place, path=place.path[:-1])
        message = f"this list is too short; got {shown(detail['input'])}"
        return Problem("out_of_range", message, whole.description, whole.pointer)
    return Problem("missing_key", "this key is required", place.description, place.pointer)


def _unknown_kind(detail: ErrorDetails, place: Place) -> Problem:
    """A union is chosen by `kind`: the pointer is to it, whether it is wrong or not there."""
    pointer, value = f"{place.pointer}/kind", detail["input"]
    if isinstance(value, Mapping) and "kind" in value:
        return one_of(pointer, "unknown_kind", "kind", value["kind"], place.kinds)
    hint = f"known kinds: {', '.join(place.kinds)}"
    return Problem("missing_key", "this key is required", hint, pointer)


def _unknown_choice(detail: ErrorDetails, place: Place) -> Problem:
    expected = detail.get("ctx", {})["expected"].replace(" or ", ", ")
    choices = [choice.strip("'") for choice in expected.split(", ")]
    return one_of(place.pointer, "not_one_of", "choice", detail["input"], choices)


def _wrong_length(detail: ErrorDetails, place: Place) -> Problem:
    context = detail.get("ctx", {})
    least, most = context.get("min_length"), context.get("max_length")
    bound = f"needs at least {least}" if least is not None else f"takes at most {most}"
    count = least if least is not None else most
    noun = "entry" if count == 1 else "entries"
    message = f"{bound} {noun}; got {shown(detail['input'])}"
    return Problem("out_of_range", message, place.description, place.pointer)


def _unfit_text(detail: ErrorDetails, place: Place) -> Problem:
    wanted = detail.get("ctx", {})["pattern"]
    message = f"must match {wanted}; got {shown(detail['input'])}"
    return Problem("invalid", message, place.description, place.pointer)


EXPLAINED: Mapping[str, Callable[[ErrorDetails, Place], Problem]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing_key,
    "union_tag_invalid": _unknown_kind,
    "union_tag_not_found": _unknown_kind,
    "literal_error": _unknown_choice,
    "string_pattern_mismatch": _unfit_text,
    "too_short": _wrong_length,
    "too_long": _wrong_length,
}
