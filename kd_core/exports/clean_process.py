"""A file is asked for its answers in a process without anything of ours: `program.py`."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import torch

from kd_core.exports.program import COUNT, SHAPE
from kd_core.exports.refusal import Unexportable

if TYPE_CHECKING:
    from types import TracebackType

    from torch import Tensor

PROGRAM = Path(__file__).with_name("program.py")
PATIENCE_S = 600.0
"""For one answer, the first of which waits for the file to be loaded."""


@dataclass(frozen=True)
class Cost:
    """Of answering, after a warm-up."""

    milliseconds: Tensor
    """Of each of several batches of one. float64 [repeats]"""
    images_per_s: float
    """In batches of MANY."""
    peak_bytes: int
    """Of the whole process, with the library that runs the file."""


class CleanProcess:
    """One file, loaded for as long as the block lasts. What goes wrong in there is Unexportable."""

    def __init__(self, file: Path, threads: int, patience_s: float = PATIENCE_S) -> None:
        self.file = file
        self._patience_s = patience_s
        self._was_too_slow = False
        self._words = TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(  # noqa: S603 - our own program, on a file that we wrote
            [sys.executable, "-P", str(PROGRAM), str(file), str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
        )
        self._questions = cast("BinaryIO", self._process.stdin)
        self._answers = cast("BinaryIO", self._process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()
        self._words.close()

    def logits(self, pixels: Tensor) -> Tensor:
        """uint8 [B, S, S, 3] -> float32 [B, C]"""
        with self._patience():
            self._ask(COUNT.pack(len(pixels)) + pixels.contiguous().numpy().tobytes())
            answer = self._answer(torch.float32)
        if len(answer) != len(pixels):
            raise Unexportable(f"it answers {len(answer)} times to {len(pixels)} images")
        return answer

    def cost(self) -> Cost:
        with self._patience():
            self._ask(COUNT.pack(0))
            (found,) = self._answer(torch.float64)
        return Cost(found[2:], images_per_s=found[0].item(), peak_bytes=int(found[1]))

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Pipes know no time limit; the end of who writes into them is what a reader notices."""
        timer = Timer(self._patience_s, self._give_up)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._was_too_slow = True
        self._process.kill()

    def _ask(self, question: bytes) -> None:
        try:
            self._questions.write(question)
            self._questions.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def _answer(self, dtype: torch.dtype) -> Tensor:
        rows, columns = SHAPE.unpack(self._read(SHAPE.size))
        data = self._read(rows * columns * dtype.itemsize)
        return torch.frombuffer(bytearray(data), dtype=dtype).reshape(rows, columns)

    def _read(self, size: int) -> bytes:
        data = self._answers.read(size)
        if len(data) < size:
            raise self._ended()
        return data

    def _ended(self) -> Unexportable:
        code = self._process.wait()
        if self._was_too_slow:
            return Unexportable(f"the file was made, but gave no answer in {self._patience_s:g} s")
        if code < 0:
            return Unexportable(
                f"the file was made, but what loads it was ended by {signal.Signals(-code).name}"
            )
        self._words.seek(0)
        said = self._words.read().decode(errors="replace").strip().splitlines()
        why = said[-1].replace(f"{self.file.parent}/", "") if said else f"exit status {code}"
        return Unexportable(f"the file was made, but not loaded again: {why}")
