"""The file of a recording: a row for each view of each sample, in one order, filled once."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from kd_core.errors import DiskFull
from kd_core.files import naming_the_folder, reserve, write_atomically
from kd_core.recording.rows import Bytes, Kind, decoded, width
from kd_core.recording.shared import place

if TYPE_CHECKING:
    from torch import Tensor

    from kd_core.training.batches import Batch

BLOCK = 256


@dataclass(frozen=True)
class Recording:
    """`rows.bin` [views, samples, width], with `done.json`: how many of its blocks are whole.

    Blocks are written in one order and counted only after they are, so that a recording which was
    interrupted goes on where it stood, and ends in the same bytes as one that was not.
    """

    folder: Path
    rows: Kind
    views: int
    samples: int
    classes: int

    def logits(self, batch: Batch) -> Tensor:
        """What the teacher answered to this batch's views. float32 [B, C]"""
        if batch.view is None:
            raise ValueError("only recorded views have an answer here")
        places = batch.view.cpu().numpy(), batch.index.cpu().numpy()
        answer = torch.from_numpy(decoded(self.rows, self._file[places]))
        return answer.to(batch.images.device)

    def write(self, view: int, first: int, rows: Bytes) -> None:
        self._file[view, first : first + len(rows)] = rows

    def read(self, view: int, samples: Tensor) -> Bytes:
        return np.asarray(self._file[view][samples.numpy()])

    @property
    def file(self) -> Path:
        return self.folder / "rows.bin"

    @property
    def size_bytes(self) -> int:
        return self.views * self.samples * width(self.rows, self.classes)

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """View and first sample of each, in the order in which they are written."""
        firsts = range(0, self.samples, BLOCK)
        return [(view, first) for view in range(self.views) for first in firsts]

    @property
    def blocks_done(self) -> int:
        """Of a recording that begins, or whose count cannot be read: none."""
        try:
            return int(json.loads((self.folder / "done.json").read_bytes())["blocks"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    @property
    def is_whole(self) -> bool:
        counted = self.blocks_done == len(self.blocks)
        return counted and self.file.is_file() and self.file.stat().st_size == self.size_bytes

    def take(self, rows: Path) -> None:
        """A whole recording that was made elsewhere, in the place of what is here."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        place(rows, self.file)
        self.count(len(self.blocks))

    def count(self, blocks: int) -> None:
        """These blocks are on disk; what comes after them is not to be trusted."""
        self._file.flush()
        write_atomically(self.folder / "done.json", json.dumps({"blocks": blocks}).encode())

    @cached_property
    def _file(self) -> np.memmap[tuple[int, ...], np.dtype[np.uint8]]:
        self.folder.mkdir(parents=True, exist_ok=True)
        path, needed = self.file, self.size_bytes
        if not path.exists() or path.stat().st_size != needed:
            (self.folder / "done.json").unlink(missing_ok=True)
            path.unlink(missing_ok=True)  # others may have that file under a name of theirs
            try:
                with naming_the_folder(self.folder, needed), path.open("wb") as file:
                    reserve(file.fileno(), needed)
            except DiskFull:
                path.unlink()
                raise
        shape = (self.views, self.samples, width(self.rows, self.classes))
        return np.memmap(path, dtype=np.uint8, mode="r+", shape=shape)
