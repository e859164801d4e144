"""Whether the decoded images fit, asked before any is decoded."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from kd_core.data.limits import Limits
from kd_core.data.refusal import refused
from kd_core.errors import DiskFull, KdError

BYTES_A_PIXEL = 3
SMALLEST_SIZE = 8
"""The smallest image_size that a document takes."""


def check_room(count: int, size: int, working_bytes: int, limits: Limits) -> None:
    """`count` images of `size` x `size`, beside what the source takes while it is decoded."""
    needed = count * size * size * BYTES_A_PIXEL + working_bytes
    if needed <= limits.decoded_bytes:
        return
    room = max(limits.decoded_bytes - working_bytes, 0)
    fits = math.isqrt(room // (count * BYTES_A_PIXEL))
    beside = f", beside {_gib(working_bytes)} of stored pixels" if working_bytes else ""
    raise refused(
        f"{count} images of {size} x {size} pixels{beside} need {_gib(needed)} of memory; there "
        f"is room for {_gib(limits.decoded_bytes)}",
        code="data_too_large",
        hint=f"lower data.image_size to {fits} or less"
        if fits >= SMALLEST_SIZE
        else "use fewer images, or store them smaller",
        pointer="/data/image_size",
    )


def no_room(needed: int, most: int, folder: Path) -> KdError:
    """For the decoded images of a source that has to be read from front to back to find one."""
    if needed <= most:
        free = shutil.disk_usage(folder).free
        reason = "no room for decoded images beside those that other runs use"
        return DiskFull.at_place(str(folder), reason, needed, free)
    return refused(
        f"the decoded images need {_gib(needed)}, the cache may hold {_gib(most)}, and this source "
        "cannot be read image by image instead",
        code="data_too_large",
        hint="bring the images as a folder, a .zip or an uncompressed .tar, which can; or give the "
        "cache more room, or lower data.image_size",
        pointer="/data/image_size",
    )


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.3g} GiB"
