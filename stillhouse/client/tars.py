"""What is in a bundle that was fetched: the digests of its files."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

CHUNK = 1 << 20


def digests_in(file: Path) -> list[str]:
    """Of every file in it, sorted; none of what is no tar. Nothing is written to disk."""
    found = []
    try:
        with tarfile.open(file, "r:") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None:
                    continue
                digest = hashlib.sha256()
                while chunk := content.read(CHUNK):
                    digest.update(chunk)
                found.append(digest.hexdigest())
    except (tarfile.TarError, EOFError):
        return []
    return sorted(found)
