"""A whole service behind a test client: real rows, real blobs, and keys of two tenants."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import text

from stillhouse.domain.keys import USER_SCOPES, Scope
from stillhouse.domain.realm import Realm, Whose
from stillhouse.store import Sessions, UnitOfWork
from stillhouse.store.artifacts import CONFIG, MODEL
from stillhouse.store.checks import Check
from stillhouse.store.tables import Row
from tests.support.service import TENANT, World

MIB = 1 << 20
OTHER = "other"
BOOKKEEPING = {"api_key"}  # a key notes when it was used last


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def new_key(sessions: Sessions, whose: Whose, scopes: Iterable[Scope] = USER_SCOPES) -> str:
    with UnitOfWork(sessions) as uow:
        uow.tenants.ensure(Realm.of(whose).tenant_id)
        return uow.keys.create(whose, "test", scopes)[1]


class Service:
    """Calls are made with the key of the first tenant, unless they name another."""

    def __init__(self, app: FastAPI, client: TestClient, key: str) -> None:
        self.app = app
        self.client = client
        self.key = key
        self.services = app.state.services
        self.world = World(self.services.sessions)

    def new_key(self, whose: Whose, scopes: Iterable[Scope] = USER_SCOPES) -> str:
        return new_key(self.services.sessions, whose, scopes)

    def work(self) -> UnitOfWork:
        return UnitOfWork(self.services.sessions)

    def call(self, method: str, path: str, key: str | None = None, **options: Any) -> Response:
        headers = {"Authorization": f"Bearer {key or self.key}", **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Response:
        return self.call("GET", path, **options)

    def post(self, path: str, document: Any = None, **options: Any) -> Response:
        if document is not None:
            options["json"] = document
        return self.call("POST", path, **options)

    def put(self, path: str, content: bytes, **options: Any) -> Response:
        return self.call("PUT", path, content=content, **options)

    def delete(self, path: str, **options: Any) -> Response:
        return self.call("DELETE", path, **options)

    def announce(self, content: bytes, kind: str = "model", **changes: Any) -> Response:
        size, digest = len(content), sha256(content)
        new = {"kind": kind, "filename": "file.safetensors", "bytes": size, "sha256": digest}
        return self.post("/v1/uploads", {**new, **changes})

    def uploaded(self, content: bytes = b"weights", kind: str = "model") -> str:
        """A complete upload, by way of the API; its id."""
        upload = self.announce(content, kind).json()
        if upload["state"] == "open":
            assert self.put(f"/v1/uploads/{upload['id']}/parts/1", content).status_code == 200
            assert self.post(f"/v1/uploads/{upload['id']}/complete").status_code == 200
        return str(upload["id"])

    def new_model(self, content: bytes = b"weights", architecture: str = "resnet18") -> str:
        body = {"upload": self.uploaded(content), "name": "teacher", "architecture": architecture}
        return str(self.post("/v1/models", body).json()["id"])

    def new_dataset(self, content: bytes = b"images") -> str:
        body = {"upload": self.uploaded(content, "dataset"), "name": "shelf"}
        return str(self.post("/v1/datasets", body).json()["id"])

    def next_check(self) -> Check:
        worker = self.world.worker("checker").id
        with self.work() as uow:
            return uow.checks.claim(worker)

    def checked(self, facts: Mapping[str, Any]) -> None:
        """The oldest check is over, and these are its facts."""
        check = self.next_check()
        with self.work() as uow:
            uow.checks.ready(check, facts)

    def ready_model(self, **facts: Any) -> str:
        model = self.new_model()
        self.checked({"architecture": "resnet18", "classes": 10, **facts})
        return model

    def ready_dataset(self, **facts: Any) -> str:
        """The reference of its version 1."""
        dataset = self.new_dataset()
        self.checked({"classes": 10, "labelled": True, "warnings": [], **facts})
        return f"{dataset}@1"

    def artifact(self, content: bytes = b"0123456789", name: str = "model.safetensors") -> str:
        """Of a job that runs; its id."""
        token = self.world.running()
        blob = self.services.blobs.put([content], max_bytes=MIB)
        with self.work() as uow:
            uow.blobs.register(blob.sha256, blob.size_bytes)
            made = {"name": name, "format": "safetensors", "blob_sha256": blob.sha256}
            return uow.attempts.add_artifact(token, size_bytes=blob.size_bytes, **made).id

    def finished(
        self, card: Mapping[str, Any], weights: bytes = b"weights", tenant: str = TENANT
    ) -> str:
        """A job that has succeeded, with a student whose config.json is `card`; its id."""
        return self.succeeded({MODEL: weights, CONFIG: json.dumps(card).encode()}, tenant)

    def succeeded(
        self, files: Mapping[str, bytes], tenant: str = TENANT, name: str = "shelf"
    ) -> str:
        """A job that has succeeded and made these; its id."""
        return self.world.succeeded(self.services.blobs, files, tenant=tenant, name=name)

    def everything(self) -> tuple[dict[str, list[Any]], list[str]]:
        """All rows and all files, to hold against what they were before."""
        with self.work() as uow:
            rows = {
                table.name: uow._session.execute(text(f"SELECT * FROM {table.name}")).all()  # noqa: S608
                for table in Row.metadata.sorted_tables
                if table.name not in BOOKKEEPING
            }
        return rows, files_in(self.services.settings.blobs)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())
