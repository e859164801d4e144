"""Whether a folder holds what its manifest says. The folder may be anybody's: no link in it is
followed, no path leads out of it, and nothing in it is run.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import ValidationError

from kd_core.errors import BundleInvalid
from kd_core.manifest import MANIFEST, SCHEMA, ListedFile, Manifest
from kd_core.problems import shown

State = Literal["ok", "missing", "changed", "not_a_file", "unreadable"]
MOST_BYTES = 32 * 2**20
"""Of a manifest."""
MOST_UNLISTED = 1000
# A link is not opened, and neither does a pipe keep us waiting.
CAREFULLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
WHOLE = "take the folder as `still distill` or `still artifacts pull` wrote it"


@dataclass(frozen=True)
class Checked:
    file: ListedFile
    state: State
    """not_a_file: a link, a folder, a device."""


@dataclass(frozen=True)
class Verification:
    manifest: Manifest
    sha256: str
    """Of the manifest, which vouches for the files; a service knows it of its own jobs."""
    files: tuple[Checked, ...]
    unlisted: tuple[str, ...]
    """What lies there besides, and is vouched for by nobody; a folder has a / at its end."""

    @property
    def holds(self) -> bool:
        return all(checked.state == "ok" for checked in self.files)


def verified(folder: Path) -> Verification:
    """`BundleInvalid` where there is no manifest to hold it against."""
    data = _manifest_bytes(folder / MANIFEST)
    manifest = _parsed(data, str(folder / MANIFEST))
    return Verification(
        manifest,
        hashlib.sha256(data).hexdigest(),
        tuple(Checked(file, _state(folder, file)) for file in manifest.files),
        tuple(islice(_unlisted(folder, manifest), MOST_UNLISTED)),
    )


def _manifest_bytes(path: Path) -> bytes:
    try:
        with _opened(path) as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _refused("there is no manifest, so nothing can be verified", str(path)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refused(f"the manifest cannot be read: {reason}", str(path)) from None
    if len(data) > MOST_BYTES:
        raise _refused(f"the manifest is larger than {MOST_BYTES} bytes", str(path))
    return data


def _parsed(data: bytes, file: str) -> Manifest:
    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise _refused("the manifest is not JSON", file) from None
    if not isinstance(document, dict) or "schema" not in document:
        raise _refused("this is no manifest of a run", file)
    if document["schema"] != SCHEMA:
        raise _refused(
            f"the manifest has the schema {shown(document['schema'])}, and this version reads "
            f"{SCHEMA}",
            file,
            hint="verify it with the version of Stillhouse that made it, or a later one",
        )
    try:
        return Manifest.parse(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"]))
        reason = f"the manifest cannot be understood: {place}: {first['msg']}"
        raise _refused(reason, file) from None


def _refused(message: str, file: str, hint: str = WHOLE) -> BundleInvalid:
    return BundleInvalid(message, hint=hint, file=file, code="manifest_unreadable")


def _state(folder: Path, listed: ListedFile) -> State:
    try:
        if not _lies_within(folder, listed.path):
            return "not_a_file"
        with _opened(folder / listed.path) as file:
            # What has another size is another file, however long it would take to read.
            if os.fstat(file.fileno()).st_size != listed.bytes:
                return "changed"
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except IsADirectoryError:
        return "not_a_file"
    except OSError:
        return "unreadable"
    return "ok" if found == listed.sha256 else "changed"


def _lies_within(folder: Path, path: str) -> bool:
    """No part of the way is a link, and at its end is a file."""
    place = folder
    mode = 0
    for part in PurePosixPath(path).parts:
        place /= part
        mode = place.lstat().st_mode
        if stat.S_ISLNK(mode):
            return False
    return stat.S_ISREG(mode)


def _opened(path: Path) -> BufferedReader:
    return os.fdopen(os.open(path, CAREFULLY), "rb")


def _unlisted(folder: Path, manifest: Manifest) -> Iterator[str]:
    """In order of their names. A folder in which nothing is listed is named and not entered."""
    listed = {file.path for file in manifest.files} | {MANIFEST}
    parents = {str(parent) for path in listed for parent in PurePosixPath(path).parents}
    yield from _beside(folder, "", listed, parents)


def _beside(
    folder: Path, within: str, listed: Collection[str], parents: Collection[str]
) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = f"{within}{entry.name}"
        if not entry.is_dir(follow_symlinks=False):
            if path not in listed:
                yield path
        elif path in parents:
            yield from _beside(folder / entry.name, f"{path}/", listed, parents)
        else:
            yield f"{path}/"
