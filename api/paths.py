"""Ids in paths: what cannot be an id of this kind is not there, and the database is not asked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator
from starlette.convertors import StringConvertor, register_url_convertor

from api import example_ids
from stillhouse.domain import ids
from stillhouse.domain.errors import NotFound
from stillhouse.domain.ids import Prefix
from stillhouse.domain.text import storable


class JobSegment(StringConvertor):
    """What stands beside `/{job_id:job}` is another resource, with methods of its own."""

    regex = "(?!validate$)[^/]+"


register_url_convertor("job", JobSegment())


def _id(noun: str, prefix: Prefix) -> Any:
    def check(text: str) -> str:
        if not ids.is_id(text, prefix):
            raise NotFound(noun, storable(text)[:80])
        return text

    return AfterValidator(check)


def _told(example: str) -> Any:
    prefix = Prefix(example.partition("_")[0])
    # A pattern to make ids by; one that does not match is a 404 as every other unknown id is.
    shape = {"pattern": ids.pattern(prefix)}
    return Path(description=f"{prefix}_...", examples=[example], json_schema_extra=shape)


JobId = Annotated[str, _told(example_ids.JOB), _id("job", Prefix.JOB)]
UploadId = Annotated[str, _told(example_ids.UPLOAD), _id("upload", Prefix.UPLOAD)]
ModelId = Annotated[str, _told(example_ids.MODEL), _id("model", Prefix.MODEL)]
DatasetId = Annotated[str, _told(example_ids.DATASET), _id("data set", Prefix.DATASET)]
KeyId = Annotated[str, _told(example_ids.KEY), _id("key", Prefix.KEY)]
ArtifactId = Annotated[str, _told(example_ids.ARTIFACT), _id("artifact", Prefix.ARTIFACT)]
