"""What a worker's machine has: told once, when it joins, and found without torch."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import structlog

log = structlog.get_logger(__name__)

ASKED = ("--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
PATIENCE_S = 10
MIB = 2**20


def machine_facts() -> dict[str, Any]:
    return {
        "version": version("stillhouse"),
        "processors": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpus": gpus(),
    }


def gpus() -> list[dict[str, Any]] | None:
    """As the driver lists them; none without a driver, and None where it does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        answer = subprocess.run(  # noqa: S603 - the driver's own program
            [program, *ASKED], capture_output=True, text=True, check=True, timeout=PATIENCE_S
        )
    except (OSError, subprocess.SubprocessError):
        log.warning("worker.gpus_unknown", exc_info=True)
        return None
    return list(_listed(answer.stdout))


def _listed(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        name, _, size = line.rpartition(",")
        if name:
            told = size.strip()  # some have none of their own, and the driver says so in words
            yield {
                "name": name.strip(),
                "memory_bytes": int(told) * MIB if told.isdigit() else None,
            }
