"""Bodies: read after the key is known, and JSON as strict as it is written.

FastAPI would read a declared body before it asks any dependency, so bodies are not declared: they
are dependencies themselves, and `takes` tells OpenAPI about them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from api.auth import Authenticated
from kd_core.errors import Problem
from kd_core.problems import from_validation_error, shown
from stillhouse.domain.errors import Invalid, NotJson

EXACT = 2.0**53
"""Up to here every integer is a float."""
MEDIA_TYPE = "application/json"
BINARY = {"type": "string", "format": "binary"}
"""The schema of bytes, as generators of clients know it."""
Body = TypeVar("Body", bound=BaseModel)


async def _whole(request: Request, _who: Authenticated) -> bytes:
    return await _of_anybody(request)


async def _of_anybody(request: Request) -> bytes:
    sent = b"".join([chunk async for chunk in request.stream()])
    request.state.body_sha256 = hashlib.sha256(sent).hexdigest()
    return sent


def body_digest(request: Request) -> str:
    """Of the body that was read; of none, where nobody has read any."""
    nothing = hashlib.sha256().hexdigest()
    return str(getattr(request.state, "body_sha256", nothing))


Sent = Annotated[bytes, Depends(_whole)]


def json_document(sent: Sent) -> Mapping[str, Any]:
    """In a thread: a large document that is wrong everywhere keeps nobody else waiting."""
    return read_object(sent)


Document = Annotated[Mapping[str, Any], Depends(json_document)]


def read_object(body: bytes) -> Mapping[str, Any]:
    document = read_json(body)
    if not isinstance(document, Mapping):
        message = f"the body must be a JSON object; got {shown(document)}"
        raise Invalid((Problem("wrong_type", message, pointer=""),))
    return document


def read_json(body: bytes) -> Any:
    """As RFC 8259 has it: UTF-8, no key twice, and no NaN."""
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_no_key_twice,
            parse_constant=_no_constant,
            parse_float=_number,
        )
    except UnicodeDecodeError as error:
        raise NotJson(f"the body is not UTF-8: byte {error.start}") from None
    except RecursionError:
        raise NotJson("the body is nested too deeply") from None
    except ValueError as error:
        hint = "send one JSON object" if body else "the body is empty: send one JSON object"
        raise NotJson(f"the body is not JSON: {error}", hint=hint) from None


def body(model: type[Body]) -> Any:
    """The document as a model, or every problem with its pointer."""

    def validated(document: Document) -> Body:
        return read_as(model, document)

    return Depends(validated)


def body_or_none(model: type[Body]) -> Any:
    """As `body`; where there is nothing to say, as a rule, and the body may be left out."""

    def validated(sent: Sent) -> Body:
        return read_as(model, read_object(sent)) if sent else model()

    return Depends(validated)


def body_of_anybody(model: type[Body]) -> Any:
    """As `body`, where what is sent is the key."""

    def validated(sent: Annotated[bytes, Depends(_of_anybody)]) -> Body:
        return read_as(model, read_object(sent))

    return Depends(validated)


def read_as(model: type[Body], document: Mapping[str, Any]) -> Body:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Invalid(from_validation_error(error, document, model)) from None


def takes(model: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """For `openapi_extra`: what the endpoint reads. `api.document` brings the schema."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": required, "content": {MEDIA_TYPE: {"schema": schema}}}}


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        twice = next(key for key, count in counted.items() if count > 1)
        raise ValueError(f"the key {shown(twice)} stands twice")
    return document


def _number(text: str) -> float | int:
    """As JSON Schema has it, 30.0 is an integer."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) <= EXACT else value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
