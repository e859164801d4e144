"""Fills a recording before training, and does not believe one that it finds."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from kd_core.errors import Stopped
from kd_core.events import Progress, Warned
from kd_core.recording.recording import Recording
from kd_core.recording.rows import TOLERANCE, Logits, decoded, encoded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kd_core.models.teacher import Ensemble, Teacher
    from kd_core.training.surroundings import Surroundings
    from kd_core.training.views import Views

BLOCK = 256
LOOKED_AT = 64
REPORT_EVERY_S = 1.0


@dataclass(frozen=True)
class Recorder:
    """Asks `teacher` for its answers to all recorded views, block after block."""

    teacher: Teacher | Ensemble
    views: Views
    data_digest: str
    folder: Path
    surroundings: Surroundings

    def record(self) -> Recording:
        """A whole recording: one that was found and stood the test, or a new one."""
        recording = self._at_its_place()
        if recording.blocks_done and not self._stands_the_test(recording):
            self.surroundings.emit(
                Warned(
                    code="cache_poisoned",
                    message="the recorded answers on disk are not this teacher's",
                    hint="they were thrown away and are recorded again",
                )
            )
            shutil.rmtree(recording.folder)
            recording = self._at_its_place()
        self._fill(recording)
        return recording

    def _at_its_place(self) -> Recording:
        cache = self.views.recipe.teacher_cache
        if cache is None or self.views.count is None:
            raise ValueError("this recipe records nothing")
        return Recording(
            folder=self.folder / self._key(),
            rows=cache.rows,
            views=self.views.count,
            samples=len(self.views.split.images),
            classes=self.views.classes,
        )

    def _key(self) -> str:
        """Everything that the rows follow from."""
        recipe = self.views.recipe
        every_view = recipe.teacher_cache is not None and recipe.teacher_cache.views == "all"
        decides = {
            "teacher": self.teacher.identity,
            "data": self.data_digest,
            "augment": recipe.augment.model_dump(mode="json"),
            "mix": recipe.mix and recipe.mix.model_dump(mode="json"),
            "seed": None if every_view else self.views.seed,
            "views": self.views.count,
            "rows": recipe.teacher_cache and recipe.teacher_cache.rows,
        }
        text = json.dumps(decides, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _blocks(self, recording: Recording) -> Iterator[tuple[int, int]]:
        """View and first sample of each, in the order in which they are written."""
        for view in range(recording.views):
            for first in range(0, recording.samples, BLOCK):
                yield view, first

    def _fill(self, recording: Recording) -> None:
        blocks = list(self._blocks(recording))
        clock = self.surroundings.clock
        began = counted_at = clock.monotonic()
        done = began_with = recording.blocks_done
        for view, first in blocks[done:]:
            if self.surroundings.should_stop():
                recording.count(done)
                raise Stopped(
                    f"stopped after {done} of {len(blocks)} blocks of recorded answers",
                    hint="run the same command with --resume to go on",
                )
            samples = torch.arange(first, min(first + BLOCK, recording.samples))
            recording.write(view, first, encoded(recording.rows, self._answers(view, samples)))
            done += 1
            now = clock.monotonic()
            if now - counted_at >= REPORT_EVERY_S or done == len(blocks):
                counted_at = now
                recording.count(done)
                left = (len(blocks) - done) * (now - began) / (done - began_with)
                self._report(done, len(blocks), left)

    def _report(self, done: int, blocks: int, left: float) -> None:
        self.surroundings.emit(
            Progress(
                phase="caching_teacher",
                epoch=1,
                epochs=1,
                step=done,
                total_steps=blocks,
                eta_s=left,
            )
        )

    def _answers(self, view: int, samples: torch.Tensor) -> Logits:
        split = self.views.split
        index = samples.to(split.images.device)
        batch = self.views.recorded(split.at(index), torch.full_like(index, view))
        answer: Logits = self.teacher.logits(batch.images).float().cpu().numpy()
        return answer

    def _stands_the_test(self, recording: Recording) -> bool:
        """A few of the rows that are there, drawn anew at each start, and asked for again."""
        blocks = list(self._blocks(recording))[: recording.blocks_done]
        moment = int(self.surroundings.clock.monotonic() * 1e6)
        draw = np.random.default_rng(moment)  # other rows each time: nothing else depends on it
        for place in draw.integers(len(blocks), size=LOOKED_AT // 8):
            view, first = blocks[place]
            size = min(BLOCK, recording.samples - first)
            samples = torch.from_numpy(first + draw.integers(size, size=8))
            kept = decoded(recording.rows, recording.read(view, samples))
            again = self._answers(view, samples)
            allowed = TOLERANCE[recording.rows] * (np.ptp(again, axis=1, keepdims=True) + 1e-3)
            if not bool((np.abs(kept - again) <= allowed).all()):
                return False
        return True
