"""The one way in which this room says no: `DataInvalid`, with the key of the document at fault."""

from __future__ import annotations

from kd_core.errors import DataInvalid

DATASET = "/data/dataset"
SHOWN_NAMES = 5


def refused(
    message: str, *, code: str, hint: str, file: str | None = None, pointer: str = DATASET
) -> DataInvalid:
    return DataInvalid(message, hint=hint, pointer=pointer, file=file, code=code)


def without_labels(reason: str, file: str) -> DataInvalid:
    return refused(
        f"the data has no labels: {reason}",
        code="data_has_no_labels",
        hint="set data.unlabelled: true and use a loss that needs no label",
        file=file,
    )


def few(names: list[str], count: int | None = None) -> str:
    """The first names of many, and how many more there are; `count` of them when these are only
    the first ones.
    """
    rest = (len(names) if count is None else count) - len(names[:SHOWN_NAMES])
    shown = ", ".join(names[:SHOWN_NAMES])
    return f"{shown} and {rest} more" if rest > 0 else shown
