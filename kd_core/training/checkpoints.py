"""Checkpoints that can be trusted: whole, digested, and always two, so that one may be lost."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from kd_core.files import PARTIAL, sha256_of, write_atomically

KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    step: int
    path: Path
    sha256: str

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size


class CheckpointFolder:
    """`step-00000120.pt` with `step-00000120.json` (its digest) beside it.

    The digest is written after the state, so a state without one was interrupted and does not
    count. The files are our own, and are read with `weights_only` all the same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, step: int, state: dict[str, Any]) -> Checkpoint:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"step-{step:08d}.pt"
        whole = io.BytesIO()  # torch's own writer says nothing useful of a full disk
        torch.save(state, whole)
        sha256 = write_atomically(path, whole.getbuffer())
        record = json.dumps({"step": step, "sha256": sha256})
        write_atomically(path.with_suffix(".json"), record.encode())
        self._forget_all_but_the_newest()
        return Checkpoint(step, path, sha256)

    def newest_first(self) -> list[Checkpoint]:
        """What was written completely, by its own word; `load` checks that word."""
        records = sorted(self.folder.glob("step-*.json"), reverse=True)
        return [_recorded(record) for record in records]

    def load(self, checkpoint: Checkpoint) -> dict[str, Any] | None:
        """The state, or None when its bytes are not those that were written."""
        if not checkpoint.path.exists() or sha256_of(checkpoint.path) != checkpoint.sha256:
            return None
        state: dict[str, Any] = torch.load(checkpoint.path, map_location="cpu", weights_only=True)
        return state

    def discard(self, checkpoint: Checkpoint) -> None:
        """Forget a checkpoint. The record goes first: a state without one is never read."""
        checkpoint.path.with_suffix(".json").unlink(missing_ok=True)
        checkpoint.path.unlink(missing_ok=True)

    def _forget_all_but_the_newest(self) -> None:
        for old in self.newest_first()[KEPT:]:
            self.discard(old)
        for leftover in self.folder.glob(f"*{PARTIAL}"):
            leftover.unlink()


def _recorded(record: Path) -> Checkpoint:
    """A record that cannot be read vouches for nothing: no digest fits it."""
    step = int(record.stem.removeprefix("step-"))
    try:
        sha256 = str(json.loads(record.read_bytes())["sha256"])
    except (ValueError, KeyError, TypeError):
        sha256 = ""
    return Checkpoint(step, record.with_suffix(".pt"), sha256)
