"""Want of memory, by whatever name it comes: every library has its own."""

from __future__ import annotations

import errno
import re

# torch on a CPU and on a GPU, cuDNN and cuBLAS, C++, onnxruntime; oneDNN, which finds no room for
# the code that it writes ("... a primitive descriptor" is what it says of shapes it does not know).
SAID = re.compile(
    r"out of memory|can't allocate memory|ALLOC_FAILED|bad_alloc|failed to allocate memory"
    r"|could not create a primitive$",
    re.IGNORECASE,
)
AMOUNT = re.compile(r"tried to allocate ([\d.]+) (bytes|KiB|MiB|GiB)", re.IGNORECASE)
LESS_MEMORY = (
    "lower recipe.batch_size (recipe.accumulate keeps the step as large) or data.image_size, or "
    "choose a smaller model"
)
UNITS = {"bytes": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def is_out_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and SAID.search(str(error)) is not None


def bytes_asked_for(error: BaseException) -> int | None:
    """What could not be had, where the error says it."""
    found = AMOUNT.search(str(error))
    return None if found is None else int(float(found[1]) * UNITS[found[2].lower()])


def in_words(amount: int) -> str:
    """Bytes as people say them; powers of ten, as sizes are everywhere here."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if amount >= size:
            return f"{amount / size:.1f} {unit}"
    return f"{amount} bytes"
