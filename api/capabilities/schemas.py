"""Capabilities, as a client reads them."""

from __future__ import annotations

from api.answers import Answer


class ServiceLimits(Answer):
    upload_bytes: int
    """The largest upload."""
    part_bytes: int
    """The largest part of one."""
    parts: int
    """How many parts an upload may have."""
    document_bytes: int
    """The largest JSON body."""
    labels: int
    """How many labels a job may have."""
    page_items: int
    """How many items a page of a list may have."""
    wait_s: int
    """How long `Prefer: wait` waits at most."""
    streams: int
    """How many streams of events a key may read from one process."""


class ServiceFeatures(Answer):
    torch_checkpoints: bool
    """Whether .pt files are taken, and converted in a sandbox."""
    file_sources: bool
    """Whether there are folders of the service that `file:` may name."""
    trash_s: float
    """How long a deleted job can be restored."""


class Capabilities(Answer):
    version: str
    """Of the service."""
    oldest_client: str
    """Older clients than this one do not understand its answers."""
    formats: list[str]
    """In which a student can be exported."""
    losses: list[str]
    """What `loss` may name."""
    limits: ServiceLimits
    """More than this is refused."""
    features: ServiceFeatures
    """What an operator has allowed."""
