"""A file that a stranger says is a model: whether it can be read at all, and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from kd_core.errors import ModelInvalid
from kd_core.models.file_format import HEAD_BYTES

COPY_AGAIN = "copy or download it again"


@dataclass(frozen=True)
class CheckpointFile:
    """A file, and the place in the specification that named it."""

    path: Path
    pointer: str

    def refuse(self, code: str, message: str, hint: str) -> NoReturn:
        raise ModelInvalid(
            message, hint=hint, pointer=self.pointer, file=str(self.path), code=code
        ) from None

    def head(self, most_bytes: int) -> bytes:
        """The first bytes of a regular file of a possible size."""
        try:
            if self.path.is_dir():
                self.refuse(
                    "checkpoint_unreadable",
                    "the checkpoint is a folder, not a file",
                    "name the file inside it, for example model.safetensors",
                )
            size = self.path.stat().st_size
            if not self.path.is_file():
                self.refuse(
                    "checkpoint_unreadable", "the checkpoint is not a regular file", "name a file"
                )
            with self.path.open("rb") as file:
                head = file.read(HEAD_BYTES)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            self.refuse(
                "checkpoint_unreadable",
                f"the checkpoint cannot be read: {reason}",
                "check the path and its permissions",
            )
        if not head:
            self.refuse("checkpoint_empty", "the checkpoint is empty: 0 bytes", COPY_AGAIN)
        if size > most_bytes:
            self.refuse(
                "checkpoint_too_large",
                f"the checkpoint has {size} bytes; at most {most_bytes} are taken",
                "save the weights alone, without the optimiser",
            )
        return head
