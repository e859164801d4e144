"""Which files were read to their end and held what their names say, so as not to read them again.

Bytes rot without a sign, so what was read is believed for a day; a file that was written, replaced
or renamed since is another file at once. The memory is the process's own: after a restart each
file is read once more.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

BELIEVED_S = 86_400.0
MOST = 10_000

Stamp = tuple[int, int, int, int, int]


class Soundness:
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: OrderedDict[str, tuple[Stamp, float]] = OrderedDict()
        self._lock = Lock()

    def is_known(self, sha256: str, seen: os.stat_result) -> bool:
        with self._lock:
            stamp, at = self._seen.get(sha256, (None, 0.0))
        return stamp == _stamp(seen) and self._monotonic() - at < BELIEVED_S

    def remember(self, sha256: str, seen: os.stat_result) -> None:
        with self._lock:
            self._seen[sha256] = (_stamp(seen), self._monotonic())
            self._seen.move_to_end(sha256)
            if len(self._seen) > MOST:
                self._seen.popitem(last=False)


def _stamp(seen: os.stat_result) -> Stamp:
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns
