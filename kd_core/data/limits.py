"""How much of a hostile or mistaken source is read before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    entries: int = 200_000
    """Files and folders in one archive."""
    name_characters: int = 1024
    """Length of one name in an archive, its folders included."""
    header_bytes: int = 1_000_000
    """What a tar may spend on describing one member."""
    directory_bytes_per_entry: int = 320
    """What a zip may spend on describing one member, on average over `entries` of them."""
    member_bytes: int = 200_000_000
    """One file, unpacked."""
    total_bytes: int = 8_000_000_000
    """All files of one archive, unpacked."""
    compression_ratio: int = 200
    """Bytes out for each byte in, for what is larger than `ratio_from_bytes`."""
    ratio_from_bytes: int = 1_000_000
    text_bytes: int = 100_000_000
    """One table or list of labels."""
    samples: int = 20_000_000
    """Images of one data set, as far as its files claim them."""
    damaged_share: float = 0.01
    """Images that cannot be decoded and are left out; with more, the set is refused."""
    image_pixels: int = 50_000_000
    """Width times height of one image, as stored and when resized."""
    decoded_bytes: int = 8 * 2**30
    """Memory for the decoded images of all splits, where they are not kept on disk; and for what a
    source itself takes while it is read.
    """


LIMITS = Limits()
