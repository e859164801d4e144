"""Endpoints of data sets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api import pages
from api.addresses import at
from api.auth import Authenticated, DataWriter, authenticate
from api.bodies import body, takes
from api.datasets.schemas import Dataset, DatasetPage, NewDataset, NewDatasetVersion
from api.once import Acting, OnceRoute
from api.pages import Paging
from api.paths import DatasetId
from api.problems import problems
from api.unit import Reading, Work, Writing
from api.uploads.service import check_named
from stillhouse.domain.realm import Realm
from stillhouse.store import UnitOfWork
from stillhouse.store.models import CHECK_QUEUE
from stillhouse.store.tables import DatasetVersionRow
from stillhouse.store.tables.machinery import Bell

router = APIRouter(
    route_class=OnceRoute,
    prefix="/v1/datasets",
    tags=["datasets"],
    dependencies=[Depends(authenticate)],
    responses=problems(401, 403),
)


@router.post(
    "",
    status_code=202,
    operation_id="create_dataset",
    openapi_extra=takes(NewDataset),
    responses=problems(400, 409, 413, 422),
)
def create_dataset(
    who: DataWriter,
    new: Annotated[NewDataset, body(NewDataset)],
    response: Response,
    uow: Acting,
) -> Dataset:
    """Make a data set of a complete upload. A worker then looks whether it can be used."""
    check_named(uow, who.realm, new.upload)
    declared = {"unlabelled": new.unlabelled}
    version = uow.datasets.create(who.realm, new.upload, name=new.name, declared=declared)
    return _registered(uow, who.realm, version, response)


@router.post(
    "/{dataset_id}/versions",
    status_code=202,
    operation_id="create_dataset_version",
    openapi_extra=takes(NewDatasetVersion),
    responses=problems(400, 404, 409, 413, 422),
)
def create_dataset_version(
    who: DataWriter,
    dataset_id: DatasetId,
    new: Annotated[NewDatasetVersion, body(NewDatasetVersion)],
    response: Response,
    uow: Acting,
) -> Dataset:
    """Add a version, labelled or not as the newest one is. Jobs keep the one they name."""
    uow.datasets.get(who.realm, dataset_id)
    check_named(uow, who.realm, new.upload)
    newest, *_ = uow.datasets.versions(who.realm, dataset_id)
    version = uow.datasets.add_version(who.realm, dataset_id, new.upload, declared=newest.declared)
    return _registered(uow, who.realm, version, response)


@router.get("", operation_id="list_datasets", responses=problems(422))
def list_datasets(
    who: Authenticated, paging: Paging, request: Request, response: Response, uow: Reading
) -> DatasetPage:
    """Your data sets, each with its versions."""
    page = uow.datasets.page(who.realm, limit=paging.limit, cursor=paging.cursor)
    versions = uow.datasets.versions_of(who.realm, [dataset.id for dataset in page.items])
    shown = [Dataset.of(dataset, versions[dataset.id]) for dataset in page.items]
    return DatasetPage(data=shown, **pages.fields_of(page, request, response))


@router.get("/{dataset_id}", operation_id="get_dataset", responses=problems(404, 422))
def get_dataset(who: Authenticated, dataset_id: DatasetId, uow: Reading) -> Dataset:
    """A data set, and what the check of each version found."""
    return _shown(uow, who.realm, dataset_id)


@router.delete(
    "/{dataset_id}",
    status_code=204,
    operation_id="delete_dataset",
    responses=problems(404, 409, 422),
)
def delete_dataset(who: DataWriter, dataset_id: DatasetId, uow: Writing) -> None:
    """Delete a data set with all its versions, when no unfinished job uses one."""
    uow.datasets.delete(who.realm, dataset_id)


def _registered(uow: Work, realm: Realm, version: DatasetVersionRow, response: Response) -> Dataset:
    uow.ring_after_commit(Bell.DATASET_CHECK, version.id, CHECK_QUEUE)
    response.headers["Location"] = at(f"/v1/datasets/{version.dataset_id}")
    return _shown(uow, realm, version.dataset_id)


def _shown(uow: UnitOfWork, realm: Realm, dataset_id: str) -> Dataset:
    dataset = uow.datasets.get(realm, dataset_id)
    return Dataset.of(dataset, uow.datasets.versions(realm, dataset_id))
