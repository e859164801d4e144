"""Artifacts: what they are, and their bytes under a tag that is their digest."""

import base64
import hashlib

import pytest

from tests.support.api import sha256

CONTENT = b"0123456789"
TAG = f'"sha256-{sha256(CONTENT)}"'


@pytest.fixture
def artifact(service):
    return service.artifact(CONTENT, "safetensors/model.safetensors")


@pytest.fixture
def path(artifact):
    return f"/v1/artifacts/{artifact}/content"


def test_an_artifact_is_listed_and_shown(service, artifact):
    shown = service.get(f"/v1/artifacts/{artifact}").json()

    assert (shown["id"], shown["name"]) == (artifact, "safetensors/model.safetensors")
    assert shown["format"] == "safetensors"
    assert shown["path"] == "artifacts/safetensors/model.safetensors"
    assert (shown["bytes"], shown["sha256"]) == (10, sha256(CONTENT))
    assert shown["links"]["content"] == f"/v1/artifacts/{artifact}/content"
    assert service.get(f"/v1/jobs/{shown['job_id']}/artifacts").json() == {"data": [shown]}


def test_the_bytes_come_with_their_digest_and_a_safe_name(service, path):
    answer = service.get(path)
    digest = base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()

    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["ETag"] == TAG
    assert answer.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Content-Length"] == "10"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="model.safetensors"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ('a"; filename="b', "a_filename_b"),
        ("../../etc/passwd", "passwd"),
        ("größe.csv", "gr_e.csv"),
        ("..", "artifact"),
        ("x\r\nSet-Cookie: a", "x_Set-Cookie_a"),
    ],
)
def test_whatever_it_is_called_the_name_of_the_file_is_safe(service, name, safe):
    answer = service.get(f"/v1/artifacts/{service.artifact(CONTENT, name)}/content")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{safe}"'
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "content", "told"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=4-999", b"456789", "bytes 4-9/10"),
    ],
)
def test_a_range_is_a_part_of_the_bytes(service, path, wanted, content, told):
    answer = service.get(path, headers={"Range": wanted})

    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["Content-Range"] == told
    assert answer.headers["ETag"] == TAG


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "lines=1-2", "bytes=x"])
def test_a_range_outside_the_bytes_is_a_416(service, path, wanted):
    answer = service.get(path, headers={"Range": wanted})

    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == "bytes */10"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "ETag" not in answer.headers


def test_a_range_of_other_bytes_is_all_of_these(service, path):
    same = service.get(path, headers={"Range": "bytes=5-", "If-Range": TAG})
    other = service.get(path, headers={"Range": "bytes=5-", "If-Range": '"sha256-0"'})

    assert (same.status_code, same.content) == (206, b"56789")
    assert (other.status_code, other.content) == (200, CONTENT)


@pytest.mark.parametrize("known", [TAG, f"W/{TAG}", f'"x", {TAG}', "*"])
def test_bytes_that_are_known_are_not_sent(service, path, known):
    answer = service.get(path, headers={"If-None-Match": known})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == TAG


def test_bytes_that_are_not_known_are_sent(service, path):
    assert service.get(path, headers={"If-None-Match": '"sha256-0"'}).status_code == 200


def test_the_headers_alone_can_be_asked_for(service, path):
    answer = service.call("HEAD", path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["Content-Length"], answer.headers["ETag"]) == ("10", TAG)


def test_bytes_that_are_lost_are_told(service, path):
    blob = service.services.blobs.path(sha256(CONTENT))
    blob.unlink()
    lost = service.get(path)

    assert (lost.status_code, lost.json()["code"]) == (500, "blob_missing")
    assert lost.json()["sha256"] == sha256(CONTENT)
    assert str(blob) not in lost.text


@pytest.mark.parametrize("damage", [CONTENT[:5], CONTENT + b"x", b"012345678x"])
@pytest.mark.parametrize("wanted", [{}, {"Range": "bytes=0-1"}])
def test_damaged_bytes_are_never_served(service, path, damage, wanted, logged):
    blob = service.services.blobs.path(sha256(CONTENT))
    blob.write_bytes(damage)
    head = service.call("HEAD", path)
    answers = [service.get(path, headers=wanted) for _ in range(2)]

    assert head.status_code == 500
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (500, "blob_corrupted")
        assert "run the job" in answer.json()["hint"]
        assert str(blob) not in answer.text
    assert not blob.exists()
    [line] = [line for line in logged if line["event"] == "blob.quarantined"]
    assert (line["log_level"], line["sha256"]) == ("error", sha256(CONTENT))


def test_damaged_bytes_are_served_again_when_they_were_put_again(service, path):
    service.services.blobs.path(sha256(CONTENT)).write_bytes(b"012345678x")
    damaged = service.get(path)
    service.uploaded(CONTENT)
    healed = service.get(path)

    assert (damaged.status_code, healed.status_code) == (500, 200)
    assert healed.content == CONTENT


def test_an_empty_file_is_a_file(service):
    answer = service.get(f"/v1/artifacts/{service.artifact(b'', 'empty.csv')}/content")

    assert (answer.status_code, answer.content) == (200, b"")
