"""Uploads: the arithmetic of parts, and the digests that say what arrived."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from kd_core.errors import Problem
from kd_core.problems import shown
from stillhouse.domain.errors import Invalid

MIN_PART_BYTES = 1 << 20
MAX_PART_BYTES = 1 << 26
DEFAULT_PART_BYTES = 16 << 20
MAX_PARTS = 10_000
MAX_FILENAME = 255

_DIGEST = re.compile(r"[0-9a-f]{64}")


class UploadKind(StrEnum):
    MODEL = "model"
    DATASET = "dataset"


class UploadState(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"


def check_digest(text: str, pointer: str | None = None) -> str:
    """SHA-256 as 64 lowercase hex digits, and so safe as the name of a file."""
    if _DIGEST.fullmatch(text) is None:
        message = f"{shown(text)} is not a SHA-256 digest"
        hint = "64 characters 0-9 and a-f, as sha256sum prints them"
        raise Invalid((Problem("invalid_digest", message, hint, pointer),))
    return text


def check_filename(text: str) -> str:
    """A name to show and to tell formats apart by. Never a path: nothing is stored under it."""
    problem = None
    if not 1 <= len(text) <= MAX_FILENAME:
        problem = f"must have 1 to {MAX_FILENAME} characters; got {len(text)}"
    elif "/" in text or "\\" in text or text in {".", ".."}:
        problem = f"{shown(text)} is a path"
    elif any(unicodedata.category(character) in {"Cc", "Cs"} for character in text):
        problem = f"{shown(text)} has unprintable characters"
    if problem:
        hint = "give the name of the file alone, such as teacher.safetensors"
        raise Invalid((Problem("invalid_filename", problem, hint, "/filename"),))
    return text


def part_count(size_bytes: int, part_bytes: int) -> int:
    return -(-size_bytes // part_bytes)


def check_parts(size_bytes: int, part_bytes: int) -> int:
    """How many parts there will be, or a refusal of a plan that cannot work."""
    problems = []
    if size_bytes < 1:
        problems.append(Problem("out_of_range", "an upload has at least one byte", "", "/bytes"))
    if not MIN_PART_BYTES <= part_bytes <= MAX_PART_BYTES:
        limits = f"must be {MIN_PART_BYTES} to {MAX_PART_BYTES}; got {part_bytes}"
        hint = f"leave it out for {DEFAULT_PART_BYTES}"
        problems.append(Problem("out_of_range", limits, hint, "/part_size"))
    elif part_count(size_bytes, part_bytes) > MAX_PARTS:
        message = f"{part_count(size_bytes, part_bytes)} parts are more than {MAX_PARTS}"
        problems.append(Problem("out_of_range", message, "use larger parts", "/part_size"))
    if problems:
        raise Invalid(tuple(problems))
    return part_count(size_bytes, part_bytes)


def part_length(number: int, size_bytes: int, part_bytes: int) -> int:
    """The bytes of part `number`, counted from 1; the last one has what is left."""
    count = part_count(size_bytes, part_bytes)
    if not 1 <= number <= count:
        message = f"there is no part {number}; this upload has parts 1 to {count}"
        raise Invalid((Problem("out_of_range", message, "count parts from 1"),))
    return part_bytes if number < count else size_bytes - part_bytes * (count - 1)
