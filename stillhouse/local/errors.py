"""Why the service on this machine does not start, or does not go on."""

from __future__ import annotations


class LocalError(Exception):
    """A sentence and the way out; `lines` are the last words of whoever died."""

    def __init__(self, message: str, *, hint: str = "", lines: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.lines = lines

    def __str__(self) -> str:
        said = [f"  | {line}" for line in self.lines]
        return "\n".join([self.message, *said, *([f"  {self.hint}"] if self.hint else [])])
