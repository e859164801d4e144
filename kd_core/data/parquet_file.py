"""One Parquet file, through pyarrow: which columns it has, its labels, and its images in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from kd_core.data.archives import DAMAGED, check_member_bytes, check_ratio
from kd_core.data.array_files import check_names, damaged, size_of
from kd_core.data.limits import Limits
from kd_core.data.refusal import few, refused
from kd_core.errors import DataInvalid, ExtraMissing

IMAGE_COLUMNS = ("image", "img")
LABEL_COLUMNS = ("label", "labels", "fine_label", "class", "class_name", "category", "target")
BYTES, PATH = "bytes", "path"
UNLABELLED = -1
LABELS_AT_ONCE, IMAGES_AT_ONCE = 65_536, 16


@dataclass(frozen=True)
class Columns:
    image: str
    label: str | None
    class_names: tuple[str, ...] | None
    """What Hugging Face's ClassLabel declares."""


class ParquetFile:
    """A view of an open file, which must outlive it."""

    def __init__(self, name: str, stream: IO[bytes], limits: Limits) -> None:
        self.name = name
        self._stream = stream
        self._limits = limits

    def describe(self) -> tuple[Columns, int]:
        """Its columns, and how many rows it claims."""
        with self._opened() as (file, size):
            meta, schema = file.metadata, file.schema_arrow
            if not 0 < meta.num_rows <= self._limits.samples:
                raise damaged(self.name, f"it claims {meta.num_rows} rows")
            groups = [meta.row_group(group) for group in range(meta.num_row_groups)]
            check_ratio(self.name, sum(g.total_byte_size for g in groups), size, self._limits)
            features = _features(schema)
            image = self._image_column(schema, features)
            label = self._label_column(schema, features)
            names = features.get(label, {}).get("names") if label is not None else None
            return Columns(image, label, self._class_names(names)), int(meta.num_rows)

    def labels(self, columns: Columns, rows: int) -> NDArray[np.int64] | list[str]:
        """Numbers, UNLABELLED where there is none; or words. [rows]"""
        found: list[Any] = []
        with self._opened() as (file, _):
            for batch in file.iter_batches(LABELS_AT_ONCE, columns=[columns.label], **QUIETLY):
                found += batch.column(0).to_pylist()
                if len(found) > rows:
                    break
        if len(found) != rows:
            raise damaged(self.name, f"it does not have the {rows} labels that it claims")
        if all(isinstance(label, str) and label for label in found):
            return found
        if all(label is None or isinstance(label, int) for label in found):
            return self._numbers(found)
        odd = next(
            row for row, label in enumerate(found) if not isinstance(label, str) or not label
        )
        raise damaged(self.name, f"row {odd} has the label {str(found[odd])[:40]!r}")

    def images(self, columns: Columns) -> Iterator[bytes | None]:
        """The bytes of each row's image file; None where there is none."""
        with self._opened() as (file, _):
            batches = iter(file.iter_batches(IMAGES_AT_ONCE, columns=[columns.image], **QUIETLY))
            while (batch := next(batches, None)) is not None:
                for row in batch.column(0).to_pylist():
                    yield self._image(row)

    def _image(self, row: Any) -> bytes | None:
        data = row.get(BYTES) if isinstance(row, dict) else row
        if data is None and isinstance(row, dict) and row.get(PATH):
            raise _only_paths(self.name, str(row[PATH]))
        if data is not None:
            check_member_bytes(self.name, len(data), self._limits)
        return data

    def _numbers(self, labels: list[int | None]) -> NDArray[np.int64]:
        numbers = [UNLABELLED if label is None else int(label) for label in labels]
        if max(numbers) >= np.iinfo(np.int64).max:
            raise damaged(self.name, f"it has the label {max(numbers)}")
        return np.array(numbers, dtype=np.int64)

    def _class_names(self, names: Any) -> tuple[str, ...] | None:
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return None
        return check_names(names, self.name)

    def _image_column(self, schema: Any, features: Mapping[str, Mapping[str, Any]]) -> str:
        declared = [name for name, of in features.items() if of.get("_type") == "Image"]
        found = [name for name in declared if name in schema.names and _holds_bytes(schema, name)]
        found = found or [
            name
            for name in schema.names
            if _holds_bytes(schema, name) and (_is_struct(schema, name) or name in IMAGE_COLUMNS)
        ]
        usual = [name for name in IMAGE_COLUMNS if name in found]
        if len(found) != 1 and not usual:
            what = (
                f"{len(found)} columns hold images ({few(found)})"
                if found
                else "no column holds images"
            )
            raise refused(
                f"{what}; the columns: {few(list(schema.names))}",
                code="image_column_missing",
                hint="keep one column of images, with their bytes, and call it image",
                file=self.name,
            )
        return usual[0] if usual else found[0]

    def _label_column(self, schema: Any, features: Mapping[str, Mapping[str, Any]]) -> str | None:
        declared = [name for name, of in features.items() if of.get("_type") == "ClassLabel"]
        found = [name for name in declared if name in schema.names]
        if len(found) == 1:
            return found[0]
        usual = [name for name in LABEL_COLUMNS if name in (found or schema.names)]
        if found and not usual:
            raise refused(
                f"several columns hold labels: {few(found)}",
                code="label_column_unclear",
                hint="call the one that is meant label",
                file=self.name,
            )
        return usual[0] if usual else None

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, int]]:
        """The file, and its size in bytes."""
        arrow, parquet = _pyarrow()
        try:
            size = size_of(self._stream)
            with parquet.ParquetFile(arrow.PythonFile(self._stream, mode="r")) as opened:
                yield opened, size
        except (*DAMAGED, arrow.ArrowException) as error:
            raise damaged(self.name, str(error)[:300] or type(error).__name__) from None


# Its threads would outlive a fork, and buy nothing for a few columns.
QUIETLY: dict[str, Any] = {"use_threads": False}


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ExtraMissing(
            "reading Parquet needs pyarrow, which is not installed",
            hint="pip install 'stillhouse[parquet]', or save the images as folders",
            pointer="/data/dataset",
        ) from None
    return pa, pq


def _features(schema: Any) -> dict[str, dict[str, Any]]:
    """What Hugging Face's library notes of each column; empty when another one wrote the file."""
    try:
        noted = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: of for name, of in noted.items() if isinstance(of, dict)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def _holds_bytes(schema: Any, name: str) -> bool:
    arrow, _ = _pyarrow()
    kind = schema.field(name).type
    if arrow.types.is_struct(kind):
        fields = {field.name: field.type for field in kind}
        kind = fields.get(BYTES)
    return kind is not None and (arrow.types.is_binary(kind) or arrow.types.is_large_binary(kind))


def _is_struct(schema: Any, name: str) -> bool:
    arrow, _ = _pyarrow()
    return bool(arrow.types.is_struct(schema.field(name).type))


def _only_paths(name: str, path: str) -> DataInvalid:
    return refused(
        f"a row has the path of an image and not its bytes: {path[:200]!r}",
        code="image_not_embedded",
        hint="write the file with the images in it (Dataset.push_to_hub does)",
        file=name,
    )
