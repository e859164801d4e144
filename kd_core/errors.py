"""What can go wrong in the science, as one tree. Every leaf names the place and the way out.

KdError
├── SpecInvalid        the document is wrong: one problem per place, all at once
├── DataInvalid        the data set cannot be used
├── ModelInvalid       an architecture or a checkpoint cannot be used
├── TeacherUnfit       the teacher was measured and is not worth learning from
├── LossInputInvalid   a loss was called without what it needs
├── WorkdirInvalid     the folder of a run is taken, damaged, or belongs to another run
├── BundleInvalid      a folder is not what a run ships, or not with this data
├── StorageFailed      a file cannot be written or read: no permission, a broken disk
│   └── DiskFull       there is no room to write it
├── DeviceUnavailable  the device that was asked for is not there
├── Diverged           a loss term or the gradient stopped being a number
├── ExportFailed       a required file of the trained student cannot be made, or is not the same
├── OutOfMemory        the device or the host has no room for this batch
├── ExtraMissing       a library that this verb needs is not installed
└── Stopped            somebody asked the run to stop; its checkpoint is on disk
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

MOST_PROBLEMS = 20
LONGEST_PLACE = 200
LONGEST_SENTENCE = 2000
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""A disk, a quota or a limit on the size of files is exhausted: all alike for whoever writes."""


def printable(text: str, longest: int = LONGEST_PLACE) -> str:
    """Text from a stranger as it may go to a terminal: no control characters, no endless lines."""
    safe = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
    return safe if len(safe) <= longest else f"{safe[:longest]}..."


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it."""

    code: str
    message: str
    hint: str = ""
    pointer: str | None = None
    """JSON pointer into the specification, when the problem has a place there."""
    file: str | None = None
    """The file, or the member of an archive, that the problem is in."""
    line: int | None = None
    """Of a file that people write, counted from 1."""

    def __str__(self) -> str:
        place = self.file or self.pointer
        if self.line is not None:
            place = ": ".join(part for part in (f"{self.file}:{self.line}", self.pointer) if part)
        text = f"{printable(place)}: {self.message}" if place else self.message
        return printable(text, LONGEST_SENTENCE) + (
            f"\n  {printable(self.hint, LONGEST_SENTENCE)}" if self.hint else ""
        )

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value}


@dataclass(frozen=True)
class LeftOut(Problem):
    """Instead of many that nobody has looked at closely."""

    count: int = 0


def in_words(problems: Sequence[Problem]) -> str:
    """The problems as a person reads them; a long list is cut and says so."""
    shown = [str(problem) for problem in problems[:MOST_PROBLEMS]]
    hidden = problems[MOST_PROBLEMS:]
    more = sum(one.count if isinstance(one, LeftOut) else 1 for one in hidden)
    return "\n".join([*shown, f"and {more} more"] if more > 0 else shown)


class KdError(Exception):
    """The root of the tree: anything that the science can say no with."""

    code: ClassVar[str] = "kd_error"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        pointer: str | None = None,
        file: str | None = None,
        code: str | None = None,
    ) -> None:
        self.problems: tuple[Problem, ...] = (
            Problem(code or self.code, message, hint, pointer, file),
        )
        super().__init__(message)

    def at(self, pointer: str) -> Self:
        """The same error, with the place in the specification that it belongs to."""
        self.problems = tuple(replace(problem, pointer=pointer) for problem in self.problems)
        return self

    def __str__(self) -> str:
        return in_words(self.problems)


class SpecInvalid(KdError):
    code = "spec_invalid"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("the specification is not valid")
        self.problems = problems


class DataInvalid(KdError):
    code = "data_invalid"


class ModelInvalid(KdError):
    code = "model_invalid"


class TeacherUnfit(KdError):
    code = "teacher_unfit"


class LossInputInvalid(KdError):
    code = "loss_input_invalid"


class WorkdirInvalid(KdError):
    code = "workdir_invalid"


class BundleInvalid(KdError):
    code = "bundle_invalid"


class StorageFailed(KdError):
    code = "storage_failed"

    @classmethod
    def of(cls, error: OSError) -> StorageFailed:
        name = error.filename if isinstance(error.filename, str) else None
        if error.errno in NO_ROOM:
            return DiskFull.at_place(name, error.strerror or str(error))
        return cls(
            f"a file cannot be written or read: {error.strerror or error}",
            hint="check who may read and write there, or choose another folder",
            file=name,
        )


class DiskFull(StorageFailed):
    code = "disk_full"

    @classmethod
    def at_place(
        cls, place: str | None, reason: str, needed: int | None = None, free: int | None = None
    ) -> Self:
        """Sizes in bytes, as far as they are known."""
        sizes = [(needed, "needed"), (free, "free")]
        known = [f"{size / 10**6:,.1f} MB {what}" for size, what in sizes if size is not None]
        return cls(
            f"the disk is full: {', '.join([reason, *known])}",
            hint="make room there, or choose a folder on another disk; then run it again with "
            "--resume, and it goes on from its last checkpoint",
            file=place,
        )


class DeviceUnavailable(KdError):
    code = "device_unavailable"


class Diverged(KdError):
    code = "diverged"


class ExportFailed(KdError):
    code = "export_failed"


class OutOfMemory(KdError):
    code = "out_of_memory"


class ExtraMissing(KdError):
    code = "extra_missing"


class Stopped(KdError):
    code = "stopped"
