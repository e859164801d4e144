"""Telling what a file is from its first bytes, whatever its name says."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

HEAD_BYTES = 512
TAR_MAGIC = slice(257, 262)
# The record that closes a zip archive stands at the end, before a comment of at most 64 KiB.
ZIP_END, ZIP_END_BYTES = b"PK\x05\x06", 22 + 65_535
ZIP_STARTS = (b"PK\x03\x04", ZIP_END)
ONNX_FIELDS = tuple(bytes([field]) for field in b"\x12\x1a\x22\x28\x32\x3a\x42")
PICKLE_STARTS = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))


class Format(Enum):
    SAFETENSORS = "safetensors"
    TORCH = "torch"
    OTHER = "other"


KNOWN: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", "a git-lfs pointer; fetch the file itself: git lfs pull"),
    (b"<!doctype html", "a web page; a download gave a page, perhaps a login, not the file"),
    (b"<html", "a web page; a download gave a page, perhaps a login, not the file"),
    (b"\x89png", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"gif8", "a GIF image"),
    (b"%pdf", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"bzh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zxz", "an xz archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"\x89hdf", "an HDF5 file, as Keras writes them"),
    (b"\x93numpy", "a NumPy array"),
    (b"gguf", "a GGUF model"),
)


def format_of(head: bytes) -> Format:
    if head.startswith((*ZIP_STARTS, *PICKLE_STARTS)):
        return Format.TORCH
    # A length of eight bytes, then JSON. Eight printable bytes would be an absurd length: a text.
    if head[8:9] == b"{" and not _printable(head[:8]):
        return Format.SAFETENSORS
    return Format.OTHER


def looks_like_onnx(head: bytes) -> bool:
    """A version of the format below 128, then one of the fields that may follow it."""
    return head[:1] == b"\x08" and head[1:2] < b"\x80" and head[2:3] in ONNX_FIELDS


def looks_like(head: bytes) -> str:
    """What a file that holds no weights is, in words."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, words in KNOWN:
        if start.startswith(magic):
            return words
    if looks_like_onnx(head):
        return "an ONNX graph; as a teacher its name has to end in .onnx"
    if head[TAR_MAGIC] == b"ustar":
        return "a tar archive; unpack it first"
    if start[:1] in (b"{", b"[") and _printable(head):
        return "a JSON document"
    return "a text" if _printable(head) else "nothing that this version knows"


def zip_is_cut_short(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - ZIP_END_BYTES))
        return ZIP_END not in file.read()


def _printable(data: bytes) -> bool:
    text = data.decode("utf-8", errors="ignore")
    return bool(text) and all(part.isprintable() or part.isspace() for part in text)
