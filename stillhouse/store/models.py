"""Models that users bring: registered from an upload, checked once, then ready or rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select

from stillhouse.domain.errors import NotFound
from stillhouse.domain.ids import Prefix
from stillhouse.domain.pages import Cursor, Page
from stillhouse.domain.realm import Whose
from stillhouse.domain.uploads import UploadKind
from stillhouse.store.belonging import within
from stillhouse.store.clock import now
from stillhouse.store.outbox import put_up, take_down
from stillhouse.store.repository import Repository
from stillhouse.store.tables import ModelRow
from stillhouse.store.tables.library import CheckState
from stillhouse.store.tables.machinery import Bell
from stillhouse.store.uploads import Uploads
from stillhouse.store.usage import refuse_if_used

CHECK_QUEUE = "cpu"


class Models(Repository):
    def create(
        self, whose: Whose, upload_id: str, *, name: str, declared: Mapping[str, Any]
    ) -> ModelRow:
        """In `checking`, with its bell, in the project of its upload. `declared` is what the user
        says it is.
        """
        uploads = Uploads(self._session, self._random_bytes)
        upload = uploads.take(whose, upload_id, UploadKind.MODEL)
        model = ModelRow(
            id=self._mint(Prefix.MODEL),
            tenant_id=upload.tenant_id,
            project=upload.project,
            name=name,
            filename=upload.filename,
            blob_sha256=upload.blob_sha256,
            size_bytes=upload.size_bytes,
            state=CheckState.CHECKING,
            declared=dict(declared),
            check_attempt=0,
            version=1,
            created_at=now(),
        )
        self._add(model)
        put_up(self._session, Bell.MODEL_CHECK, model.id, CHECK_QUEUE)
        return model

    def get(self, whose: Whose, model_id: str) -> ModelRow:
        return _found(model_id, self._one(select(ModelRow).where(*_owned(whose, model_id))))

    def page(
        self, whose: Whose, *, limit: int = 50, cursor: Cursor | None = None
    ) -> Page[ModelRow]:
        mine = select(ModelRow).where(within(whose, ModelRow))
        return self._page(mine, ModelRow.created_at, ModelRow.id, limit, cursor)

    def delete(self, whose: Whose, model_id: str) -> None:
        """Refused with `InUse` while a job that is not over reads it."""
        mine = select(ModelRow).where(*_owned(whose, model_id)).with_for_update()
        model = _found(model_id, self._one(mine))
        refuse_if_used(self._session, whose, "model", model.id)
        take_down(self._session, Bell.MODEL_CHECK, model.id)
        self._count(delete(ModelRow).where(ModelRow.id == model.id))


def _owned(whose: Whose, model_id: str) -> tuple[Any, Any]:
    return within(whose, ModelRow), ModelRow.id == model_id


def _found(model_id: str, model: ModelRow | None) -> ModelRow:
    if model is None:
        raise NotFound("model", model_id)
    return model
