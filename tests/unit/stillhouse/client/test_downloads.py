"""An artifact on disk is whole or not there, wherever the connection broke. The network is a
function here.
"""

import hashlib

import httpx2
import pytest

from stillhouse.client import (
    FileUnusable,
    Pace,
    ServerUnreachable,
    StillhouseClient,
    TransferBroken,
)
from stillhouse.client.answers import Artifact
from stillhouse.client.downloads import place_for

CONTENT = bytes(range(256)) * 40
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def artifact(**changes):
    fields = {"id": "art_1", "name": "model", "format": "safetensors", "path": "a/model.bin",
              "bytes": len(CONTENT), "sha256": DIGEST}  # fmt: skip
    return Artifact(**fields | changes)


class Torn(httpx2.SyncByteStream):
    """A body that breaks off after so many bytes."""

    def __init__(self, content, after):
        self.content, self.after = content, after

    def __iter__(self):
        yield self.content[: self.after]
        if self.after < len(self.content):
            raise httpx2.ReadError("cut")


class Store:
    """Serves ranges as the service does; each answer breaks off after `after` bytes."""

    def __init__(self, content=CONTENT, after=10**9, honours_ranges=True):
        self.content, self.after, self.honours = content, after, honours_ranges
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        asked = request.headers.get("range") if self.honours else None
        if asked and request.headers["if-range"] == f'"sha256-{DIGEST}"':
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            return httpx2.Response(206, stream=Torn(self.content[start:], self.after))
        return httpx2.Response(200, stream=Torn(self.content, self.after))

    def download(self, wanted, target):
        pace = Pace(lambda _s: None, lambda: 0.0, lambda: 1.0)
        transport = httpx2.MockTransport(self)
        with StillhouseClient("http://x.example", "k", pace=pace, transport=transport) as client:
            return client.artifacts.download(wanted, target)


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_arrives(tmp_path):
    target = Store().download(artifact(), tmp_path / "a/model.bin")

    assert target.read_bytes() == CONTENT
    assert files(tmp_path) == ["model.bin"]


def test_an_empty_file_is_a_file(tmp_path):
    empty = artifact(bytes=0, sha256=hashlib.sha256(b"").hexdigest())
    Store(b"").download(empty, tmp_path / "model.bin")

    assert files(tmp_path) == ["model.bin"]


def test_a_connection_that_breaks_is_taken_up_where_it_was(tmp_path):
    store = Store(after=1000)
    store.download(artifact(), tmp_path / "model.bin")
    ranges = [request.headers.get("range") for request in store.requests]

    assert (tmp_path / "model.bin").read_bytes() == CONTENT
    assert ranges[:3] == [None, "bytes=1000-", "bytes=2000-"]


def test_a_process_that_was_killed_is_taken_up_where_it_was(tmp_path):
    (tmp_path / "model.bin.partial").write_bytes(CONTENT[:5000])
    store = Store()
    store.download(artifact(), tmp_path / "model.bin")

    assert [request.headers.get("range") for request in store.requests] == ["bytes=5000-"]
    assert files(tmp_path) == ["model.bin"]


@pytest.mark.parametrize("rest", [b"x" * 5000, b"x" * 20_000])
def test_the_remains_of_another_file_are_replaced(tmp_path, rest):
    (tmp_path / "model.bin.partial").write_bytes(rest)
    Store().download(artifact(), tmp_path / "model.bin")

    assert (tmp_path / "model.bin").read_bytes() == CONTENT


def test_a_server_without_ranges_begins_anew(tmp_path):
    (tmp_path / "model.bin.partial").write_bytes(CONTENT[:5000])
    Store(honours_ranges=False).download(artifact(), tmp_path / "model.bin")

    assert (tmp_path / "model.bin").read_bytes() == CONTENT


def test_what_is_there_is_not_fetched_again(tmp_path):
    (tmp_path / "model.bin").write_bytes(CONTENT)
    store = Store()
    store.download(artifact(), tmp_path / "model.bin")

    assert store.requests == []


def test_other_bytes_than_announced_are_not_kept(tmp_path):
    wrong = CONTENT[:-1] + b"x"

    with pytest.raises(TransferBroken, match=DIGEST):
        Store(wrong).download(artifact(), tmp_path / "model.bin")
    assert files(tmp_path) == []


def test_a_file_that_ends_early_is_not_asked_for_for_ever(tmp_path):
    with pytest.raises(TransferBroken, match="ends after 100 of"):
        Store(CONTENT[:100]).download(artifact(), tmp_path / "model.bin")
    assert not (tmp_path / "model.bin").exists()


def test_a_connection_that_brings_nothing_is_given_up(tmp_path):
    with pytest.raises(ServerUnreachable):
        Store(after=0).download(artifact(), tmp_path / "model.bin")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(FileUnusable, match="cannot be written"):
        Store().download(artifact(), tmp_path / "file" / "model.bin")


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a\\..\\x", "C:x", "a/\n", "."]
)
def test_a_service_cannot_write_outside_the_folder(tmp_path, path):
    with pytest.raises(TransferBroken, match="not inside the folder"):
        place_for(tmp_path, artifact(path=path))
