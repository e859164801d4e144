"""Models and data sets: registered from an upload, checked once, then named by jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from stillhouse.client.answers import Answer, Dataset, DatasetVersion, Model, Page
from stillhouse.client.looking import looks
from stillhouse.client.wire import Query, Wire, place

Item = TypeVar("Item", bound=Answer)


def every(
    wire: Wire, page: type[Page[Item]], path: str, query: Query | None = None
) -> Iterator[Item]:
    """All items of a list, page after page."""
    cursor: str | None = None
    while True:
        found = wire.read(
            page, "GET", path, query={**(query or {}), "limit": 200, "cursor": cursor}
        )
        yield from found.data
        cursor = found.next_cursor
        if not found.has_more or cursor is None:
            return


class Models:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(
        self, upload_id: str, name: str, architecture: str | None, *, image_size: int | None = None
    ) -> Model:
        """Without an architecture it is an ONNX graph."""
        body: dict[str, str | int] = {"upload": upload_id, "name": name}
        if architecture is not None:
            body["architecture"] = architecture
        if image_size is not None:
            body["image_size"] = image_size
        return self._wire.act(Model, "/v1/models", body)

    def list(self) -> Iterator[Model]:
        return every(self._wire, Page[Model], "/v1/models")

    def get(self, model_id: str) -> Model:
        return self._wire.read(Model, "GET", place("models", model_id))

    def delete(self, model_id: str) -> None:
        self._wire.ask("DELETE", place("models", model_id))

    def wait(self, model_id: str, timeout_s: float | None = None) -> Model:
        """The model once it is ready or rejected."""
        for _ in looks(self._wire.pace, f"the check of {model_id}", timeout_s):
            model = self.get(model_id)
            if model.is_checked:
                break
        return model


class Datasets:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def create(self, upload_id: str, name: str, *, unlabelled: bool = False) -> Dataset:
        body = {"upload": upload_id, "name": name, "unlabelled": unlabelled}
        return self._wire.act(Dataset, "/v1/datasets", body)

    def add_version(self, dataset_id: str, upload_id: str) -> None:
        path = place("datasets", dataset_id, "versions")
        self._wire.ask("POST", path, body={"upload": upload_id})

    def list(self) -> Iterator[Dataset]:
        return every(self._wire, Page[Dataset], "/v1/datasets")

    def get(self, dataset_id: str) -> Dataset:
        return self._wire.read(Dataset, "GET", place("datasets", dataset_id))

    def delete(self, dataset_id: str) -> None:
        self._wire.ask("DELETE", place("datasets", dataset_id))

    def wait(self, dataset_id: str, timeout_s: float | None = None) -> DatasetVersion:
        """The newest version once it is ready or rejected."""
        for _ in looks(self._wire.pace, f"the check of {dataset_id}", timeout_s):
            version = self.get(dataset_id).newest
            if version.is_checked:
                break
        return version
