"""Fills a recording before training, and does not believe one that it finds."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from kd_core.errors import Stopped
from kd_core.events import Progress, Warned
from kd_core.recording.key import key_of
from kd_core.recording.recording import BLOCK, Recording
from kd_core.recording.rows import TOLERANCE, Logits, decoded, encoded

if TYPE_CHECKING:
    from pathlib import Path

    from kd_core.models.teacher import Ensemble, Teacher
    from kd_core.recording.shared import SharedRecordings
    from kd_core.training.surroundings import Surroundings
    from kd_core.training.views import Views

LOOKED_AT = 64
REPORT_EVERY_S = 1.0


@dataclass(frozen=True)
class Recorded:
    recording: Recording
    source: Literal["recorded", "reused", "kept"]
    """recorded: in this attempt; reused: found among those that runs share; kept: by an earlier
    attempt of this run.
    """
    why: str


@dataclass(frozen=True)
class Recorder:
    """Asks `teacher` for its answers to all recorded views, block after block, unless somebody has
    done that already.
    """

    teacher: Teacher | Ensemble
    views: Views
    data_digest: str
    folder: Path
    surroundings: Surroundings
    shared: SharedRecordings | None = None

    def record(self) -> Recorded:
        """A whole recording: one that was found and stood the test, or a new one."""
        key = key_of(self.teacher, self.views, self.data_digest)
        recorded = self._found(key)
        if recorded.recording.blocks_done and not self._stands_the_test(recorded.recording):
            self._throw_away(key, recorded.recording)
            recorded = self._to_be_filled(key)
        self._fill(recorded.recording)
        if recorded.source == "recorded":
            self._share(key, recorded.recording)
        return recorded

    def _found(self, key: str) -> Recorded:
        recorded = self._to_be_filled(key)
        recording = recorded.recording
        if recording.is_whole:
            return Recorded(recording, "kept", "by an earlier attempt of this run")
        if recording.blocks_done == 0:
            # What nobody has counted may have another name, and is not to be written into.
            shutil.rmtree(recording.folder, ignore_errors=True)
        if self.shared is None:
            return recorded
        rows = self.shared.find(key, recording.size_bytes)
        if rows is None:
            return recorded
        try:
            recording.take(rows)
        except OSError:  # what cannot be read, or has no room, is recorded here, or told there
            shutil.rmtree(recording.folder, ignore_errors=True)
            return self._to_be_filled(key)
        origin = self.shared.origin(key)
        why = f"{origin} has recorded them; {LOOKED_AT} were asked for again, and are the same"
        return Recorded(recording, "reused", why)

    def _to_be_filled(self, key: str) -> Recorded:
        cache = self.views.recipe.teacher_cache
        if cache is None or self.views.count is None:
            raise ValueError("this recipe records nothing")
        recording = Recording(
            folder=self.folder / key,
            rows=cache.rows,
            views=self.views.count,
            samples=len(self.views.split.images),
            classes=self.views.classes,
        )
        return Recorded(recording, "recorded", "the teacher was asked once for each view")

    def _throw_away(self, key: str, recording: Recording) -> None:
        self.surroundings.emit(
            Warned(
                code="cache_poisoned",
                message="the recorded answers on disk are not this teacher's",
                hint="they were thrown away and are recorded again",
            )
        )
        shutil.rmtree(recording.folder)
        if self.shared is not None:
            self.shared.discard(key)

    def _share(self, key: str, recording: Recording) -> None:
        if self.shared is None:
            return
        try:
            self.shared.leave(key, recording.file)
        except OSError as error:
            message = f"the recorded answers could not be left for other runs: {error.strerror}"
            hint = "this run has its own and goes on"
            self.surroundings.emit(Warned(code="recording_not_shared", message=message, hint=hint))

    def _fill(self, recording: Recording) -> None:
        blocks = recording.blocks
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
        blocks = recording.blocks[: recording.blocks_done]
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
