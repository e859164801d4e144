"""The files of a built dashboard: read once, so that no request ever names a file of the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

INDEX = "index.html"
HERE = (Path(__file__).parent / "built", Path(__file__).parents[2] / "dashboard" / "dist")
"""In an installed package, and in a clone."""
CODINGS = {".br": "br", ".gz": "gzip"}
"""What the build has compressed, by the end of its name: what is best first."""
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
ANY = "application/octet-stream"


@dataclass(frozen=True)
class BuiltFile:
    content: bytes
    media_type: str
    coded: Mapping[str, bytes] = field(default_factory=dict)
    """The same content, by its coding."""

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:32]

    def tag(self, coding: str | None) -> str:
        """Of one coding: whoever has another one has other bytes."""
        return f'"{self.digest}-{coding}"' if coding else f'"{self.digest}"'


Build = Mapping[str, BuiltFile]
"""By their paths, as they are asked for: `/assets/index-C-JIIqJK.js`. Empty without a build."""


def read_build(folder: Path | None = None) -> Build:
    for place in HERE if folder is None else (folder,):
        if (place / INDEX).is_file():
            return dict(_files(place))
    return {}


def _files(folder: Path) -> Iterator[tuple[str, BuiltFile]]:
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
    for name, content in found.items():
        if Path(name).suffix not in CODINGS:
            coded = {
                word: found[name + end] for end, word in CODINGS.items() if name + end in found
            }
            media_type = MEDIA_TYPES.get(Path(name).suffix, ANY)
            yield f"/{name}", BuiltFile(content, media_type, coded)
