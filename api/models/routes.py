"""Endpoints of models."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api import pages
from api.addresses import at
from api.auth import Authenticated, DataWriter, authenticate
from api.bodies import body, takes
from api.models.schemas import Model, ModelPage, NewModel
from api.once import Acting, OnceRoute
from api.pages import Paging
from api.paths import ModelId
from api.problems import problems
from api.unit import Reading, Writing
from api.uploads.service import check_named
from stillhouse.store.models import CHECK_QUEUE
from stillhouse.store.tables.machinery import Bell

router = APIRouter(
    route_class=OnceRoute,
    prefix="/v1/models",
    tags=["models"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)


@router.post(
    "",
    status_code=202,
    operation_id="create_model",
    openapi_extra=takes(NewModel),
    responses=problems(400, 409, 413, 422),
)
def create_model(
    who: DataWriter,
    new: Annotated[NewModel, body(NewModel)],
    response: Response,
    uow: Acting,
) -> Model:
    """Make a model of a complete upload. A worker then looks whether it can be used."""
    new.check_file(check_named(uow, who.realm, new.upload).filename)
    declared = new.model_dump(include={"architecture", "image_size"}, exclude_none=True)
    model = uow.models.create(who.realm, new.upload, name=new.name, declared=declared)
    uow.ring_after_commit(Bell.MODEL_CHECK, model.id, CHECK_QUEUE)
    response.headers["Location"] = at(f"/v1/models/{model.id}")
    return Model.of(model)


@router.get("", operation_id="list_models", responses=problems(422))
def list_models(
    who: Authenticated, paging: Paging, request: Request, response: Response, uow: Reading
) -> ModelPage:
    """Your models."""
    page = uow.models.page(who.realm, limit=paging.limit, cursor=paging.cursor)
    shown = [Model.of(model) for model in page.items]
    return ModelPage(data=shown, **pages.fields_of(page, request, response))


@router.get("/{model_id}", operation_id="get_model", responses=problems(404, 422))
def get_model(who: Authenticated, model_id: ModelId, uow: Reading) -> Model:
    """A model, and what its check found."""
    return Model.of(uow.models.get(who.realm, model_id))


@router.delete(
    "/{model_id}", status_code=204, operation_id="delete_model", responses=problems(404, 409, 422)
)
def delete_model(who: DataWriter, model_id: ModelId, uow: Writing) -> None:
    """Delete a model that no unfinished job uses."""
    uow.models.delete(who.realm, model_id)
