"""What a successful run leaves: files for the user, and the numbers that lists show."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from stillhouse.domain.events import TEACHER_TOP1, MetricPoint
from stillhouse.store import DirectoryBlobs, StoredBlob, UnitOfWork
from stillhouse.store.leases import Token
from worker.workspace import DOCUMENTS, PRODUCTS, Product, Workspace, chunks_of

SUMMARY = ("top1", "top5", "macro_f1", "ece", "agreement_teacher")
Stored = Sequence[tuple[Product, StoredBlob]]


class Result:
    def __init__(self, workspace: Workspace, blobs: DirectoryBlobs) -> None:
        self._run = workspace.run
        self._blobs = blobs

    @property
    def is_there(self) -> bool:
        """The report is written last: when it is there, everything is."""
        return all((self._run / product.path).is_file() for product in PRODUCTS)

    @cached_property
    def report(self) -> Mapping[str, Any]:
        document: Mapping[str, Any] = json.loads((self._run / "report.json").read_bytes())
        return document

    @property
    def verdict(self) -> str:
        return str(self.report["verdict"])

    @property
    def gates(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.report["gates"]
        return found

    def store(self) -> Stored:
        """Put the files among the blobs; nothing names them yet."""
        return [(product, self._put(product)) for product in self._products()]

    def add(self, uow: UnitOfWork, token: Token, stored: Stored) -> None:
        for product, blob in stored:
            uow.blobs.register(blob.sha256, blob.size_bytes)
            uow.attempts.add_artifact(
                token,
                name=product.name,
                format=product.format,
                blob_sha256=blob.sha256,
                size_bytes=blob.size_bytes,
                media_type=product.media_type,
                facts=self._facts(product),
            )

    def points(self, step: int) -> list[MetricPoint]:
        """The student's numbers on the held-out data, as the last points of their series, and
        what it is to its teacher.
        """
        student, teacher = self.report["student"], self.report.get("teacher") or {}
        numbers = {name: student.get(name) for name in SUMMARY}
        numbers[TEACHER_TOP1] = teacher.get("top1")
        if teacher.get("size_mb"):
            numbers["size_ratio"] = student["size_mb"] / teacher["size_mb"]
        return [
            MetricPoint(name, step, float(value))
            for name, value in numbers.items()
            if isinstance(value, int | float) and math.isfinite(value)
        ]

    def _products(self) -> list[Product]:
        """What every job has, and the files that this one asked for and could have."""
        expected = {product.name for product in PRODUCTS}
        told = [product for product in DOCUMENTS if (self._run / product.path).is_file()]
        made = [
            Product(name, f"artifacts/{name}", artifact["format"], "application/octet-stream")
            for name, artifact in self._artifacts.items()
            if name not in expected
        ]
        return [*PRODUCTS, *told, *made]

    @cached_property
    def _artifacts(self) -> Mapping[str, Mapping[str, Any]]:
        """By the paths of their files."""
        return {
            file["path"]: artifact
            for artifact in self.report["artifacts"]
            for file in artifact["files"]
        }

    def _put(self, product: Product) -> StoredBlob:
        path = self._run / product.path
        return self._blobs.put(chunks_of(path), max_bytes=path.stat().st_size)

    def _facts(self, product: Product) -> Mapping[str, Any]:
        """Its place in what is shipped, and the numbers that were measured by this very file."""
        place = {"path": product.path}
        measures = self._artifacts.get(product.name, {})
        if not measures or product.name != measures["files"][0]["path"]:
            return place
        numbers = {key: value for key, value in measures.items() if isinstance(value, int | float)}
        return place | numbers
