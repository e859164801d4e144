"""What exporters say when they cannot, in one sentence, and nothing of what they say besides."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

from kd_core.errors import printable
from kd_core.models.build import UNFIT, first_line
from kd_core.shortage import is_out_of_memory

# What torch's exporters raise over a network that they cannot take, beside their own errors.
UNEXPORTABLE = (*UNFIT, KeyError, AttributeError, ImportError)
OPERATOR = re.compile(r"No ONNX function found for <OpOverload\(op='([^']+)'")


class Unexportable(Exception):
    """There is no file of this format for this student; the reason is for its owner."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = printable(reason, longest=400)


@contextmanager
def said_in_a_sentence(*also: type[Exception]) -> Iterator[None]:
    """Around an exporter: its warnings, logs and prints are for those who develop it. `also` is
    what it raises of its own over a network that it cannot take.
    """
    refusals: tuple[type[Exception], ...] = (*UNEXPORTABLE, *also)
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            redirect_stdout(io.StringIO()),
            redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    except refusals as error:
        if is_out_of_memory(error):
            raise
        raise Unexportable(reason(error)) from None
    finally:
        logging.disable(before)


def reason(error: BaseException) -> str:
    """The first cause is the one that names the operator; what stands above it gives advice."""
    while error.__cause__ is not None:
        error = error.__cause__
    missing = OPERATOR.search(str(error))
    if missing is not None:
        return f"ONNX has nothing for the operator {missing[1]}"
    return first_line(error)
