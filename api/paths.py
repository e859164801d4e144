"""Ids in paths: what cannot be an id of this kind is not there, and the database is not asked."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator

from stillhouse.domain import ids
from stillhouse.domain.errors import NotFound
from stillhouse.domain.ids import Prefix
from stillhouse.domain.text import storable


def _id(noun: str, prefix: Prefix) -> Any:
    def check(text: str) -> str:
        if not ids.is_id(text, prefix):
            raise NotFound(noun, storable(text)[:80])
        return text

    return AfterValidator(check)


JobId = Annotated[str, Path(description="job_..."), _id("job", Prefix.JOB)]
UploadId = Annotated[str, Path(description="upl_..."), _id("upload", Prefix.UPLOAD)]
ModelId = Annotated[str, Path(description="mdl_..."), _id("model", Prefix.MODEL)]
DatasetId = Annotated[str, Path(description="ds_..."), _id("data set", Prefix.DATASET)]
KeyId = Annotated[str, Path(description="key_..."), _id("key", Prefix.KEY)]
ArtifactId = Annotated[str, Path(description="art_..."), _id("artifact", Prefix.ARTIFACT)]
