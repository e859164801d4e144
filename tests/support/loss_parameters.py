"""What a loss can be set to, read from its schema: choices, nudges, the ends of every range."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from kd_core.losses.declaration import LossSpec

Params = dict[str, Any]


def properties(spec: LossSpec) -> Mapping[str, Any]:
    """The JSON schema of every parameter: the same that the service publishes."""
    return spec.params.model_json_schema()["properties"]


def is_accepted(spec: LossSpec, params: Mapping[str, Any]) -> bool:
    try:
        spec.params.model_validate(dict(params))
    except ValidationError:
        return False
    return True


def choices(spec: LossSpec) -> list[Params]:
    """Every combination of the parameters that choose among names; the others keep defaults."""
    named = {
        name: values for name, schema in properties(spec).items() if (values := _names(schema))
    }
    combinations = [
        dict(zip(named, values, strict=True)) for values in itertools.product(*named.values())
    ]
    return [params for params in combinations if is_accepted(spec, params)]


def nudges(spec: LossSpec) -> Iterator[tuple[str, Any]]:
    """For every parameter of numbers, an ordinary value other than its default."""
    for name, schema in properties(spec).items():
        for number in numbers(schema):
            low, high = bounds(number)
            start = schema["default"] if _is_number(schema["default"]) else max(low, min(high, 1))
            yield name, _another(number, start)
        for number in entries(schema):
            first, *others = schema["default"]
            yield name, [_another(number, first), *others]


def ends(spec: LossSpec) -> Iterator[Params]:
    """Every number at the least and at the greatest value that it may take, in a list alone."""
    for name, schema in properties(spec).items():
        settings = [
            *({name: end} for number in numbers(schema) for end in bounds(number)),
            *({name: [end]} for number in entries(schema) for end in bounds(number)),
        ]
        yield from (params for params in settings if is_accepted(spec, params))


def numbers(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The alternatives of a parameter that are free numbers."""
    return [
        alternative
        for alternative in schema.get("anyOf", [schema])
        if alternative.get("type") in ("number", "integer")
        and not {"enum", "const"} & set(alternative)
    ]


def entries(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The numbers of which a parameter is a list."""
    lists = [at for at in schema.get("anyOf", [schema]) if at.get("type") == "array"]
    return [number for at in lists for number in numbers(at["items"])]


def bounds(number: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the greatest value; an open end is the next number inside."""
    whole = number["type"] == "integer"

    def inside(end: float, direction: float) -> float:
        return end + math.copysign(1, direction) if whole else math.nextafter(end, direction)

    low = number.get("minimum", inside(number.get("exclusiveMinimum", -math.inf), math.inf))
    high = number.get("maximum", inside(number.get("exclusiveMaximum", math.inf), -math.inf))
    return (int(low), int(high)) if whole else (low, high)


def _another(number: Mapping[str, Any], start: float) -> float:
    low, high = bounds(number)
    steps = (start + 1, start - 1) if number["type"] == "integer" else (start * 1.5, start / 2)
    return next(step for step in (*steps, low, high) if low <= step <= high and step != start)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _names(schema: Mapping[str, Any]) -> list[Any]:
    """What a parameter can be called: its names, true and false, or a default beside them."""
    names: list[Any] = []
    for alternative in schema.get("anyOf", [schema]):
        names += alternative.get("enum", [])
        names += [alternative["const"]] if "const" in alternative else []
        names += [False, True] if alternative.get("type") == "boolean" else []
    default = schema.get("default")
    return [*names, default] if names and default not in names else names
