"""Uploads: parts in any order and as often as need be, kept whole or not at all."""

import base64
import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from api.uploads.service import full_disk_told
from stillhouse.domain.errors import InsufficientStorage
from stillhouse.domain.uploads import DEFAULT_PART_BYTES
from stillhouse.runtime.settings import Settings
from tests.support.api import MIB, OTHER, files_in, sha256

WHOLE = b"".join(bytes([number]) * MIB for number in range(3))[:-5]
PARTS = [WHOLE[:MIB], WHOLE[MIB : 2 * MIB], WHOLE[2 * MIB :]]


def content_digest(content):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


@pytest.fixture
def upload(service):
    """Announced: three parts."""
    return service.announce(WHOLE, part_size=MIB).json()


def put(service, upload, number, content, **headers):
    path = f"/v1/uploads/{upload['id']}/parts/{number}"
    return service.put(path, content, headers=headers)


def complete(service, upload):
    return service.post(f"/v1/uploads/{upload['id']}/complete")


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_an_announced_upload_says_what_it_waits_for(service):
    answer = service.announce(WHOLE, part_size=MIB)
    upload = answer.json()

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/uploads/{upload['id']}"
    assert (upload["state"], upload["parts_expected"], upload["parts"]) == ("open", 3, [])
    assert (upload["bytes"], upload["sha256"]) == (len(WHOLE), sha256(WHOLE))
    assert upload["expires_at"] > upload["created_at"]


def test_parts_may_come_in_any_order_and_again(service, upload):
    for number in (3, 1, 2, 1):
        answer = put(service, upload, number, PARTS[number - 1])
        assert answer.json() == {
            "number": number,
            "bytes": len(PARTS[number - 1]),
            "sha256": sha256(PARTS[number - 1]),
        }
    listed = service.get(f"/v1/uploads/{upload['id']}").json()["parts"]
    done = complete(service, upload)

    assert [part["number"] for part in listed] == [1, 2, 3]
    assert (done.status_code, done.json()["state"], done.json()["parts"]) == (200, "complete", [])
    assert b"".join(service.services.blobs.read(sha256(WHOLE))) == WHOLE


def test_completing_again_says_the_same(service):
    upload_id = service.uploaded(b"weights")
    again = service.post(f"/v1/uploads/{upload_id}/complete")

    assert (again.status_code, again.json()["state"]) == (200, "complete")


def test_the_later_bytes_are_the_part(service, upload):
    put(service, upload, 1, b"x" * MIB)
    for number, part in enumerate(PARTS, start=1):
        put(service, upload, number, part)

    assert complete(service, upload).status_code == 200


def test_parts_that_are_missing_are_named(service, upload):
    put(service, upload, 2, PARTS[1])
    answer = complete(service, upload)

    assert problem(answer) == (409, "upload_incomplete")
    assert answer.json()["missing"] == [1, 3]


def test_a_whole_that_is_not_what_was_announced_is_refused_and_not_kept(service, upload):
    for number, part in enumerate([PARTS[0], PARTS[0], PARTS[2]], start=1):
        put(service, upload, number, part)
    before = service.everything()

    assert problem(complete(service, upload)) == (400, "digest_mismatch")
    assert before == service.everything()
    put(service, upload, 2, PARTS[1])
    assert complete(service, upload).status_code == 200


@pytest.mark.parametrize("content", [b"", b"x", b"x" * (MIB - 1)])
def test_a_part_that_is_too_short_is_refused(service, upload, content):
    before = service.everything()
    for sent in (content, iter([content])):  # with Content-Length, and without
        answer = put(service, upload, 1, sent)
        assert problem(answer) == (422, "invalid_request")
        assert f"{len(content)} bytes; it should have {MIB}" in answer.json()["detail"]

    assert before == service.everything()


@pytest.mark.parametrize("extra", [1, MIB])
def test_a_part_that_is_too_long_is_refused(service, upload, extra):
    before = service.everything()
    content = b"x" * (MIB + extra)
    for sent in (content, iter([content[:MIB], content[MIB:]])):
        answer = put(service, upload, 1, sent)
        assert problem(answer) == (413, "too_large")
        assert f"it should have {MIB}" in answer.json()["detail"]

    assert before == service.everything()


def test_the_last_part_has_what_is_left(service, upload):
    assert problem(put(service, upload, 3, b"x" * MIB)) == (413, "too_large")
    assert put(service, upload, 3, PARTS[2]).status_code == 200


def test_bytes_that_changed_on_the_way_are_refused(service, upload):
    good = {"Content-Digest": content_digest(PARTS[0])}
    before = service.everything()

    assert problem(put(service, upload, 1, PARTS[1], **good)) == (400, "digest_mismatch")
    assert before == service.everything()
    assert put(service, upload, 1, PARTS[0], **good).status_code == 200
    several = {"Content-Digest": f"unixsum=:Yg==:, {content_digest(PARTS[1])}"}
    assert put(service, upload, 2, PARTS[1], **several).status_code == 200


@pytest.mark.parametrize(
    "header", ["sha-256=abc", "sha-256=:abc:", "sha-256=:YWJj:", "md5=:YWJj:", "sha-256=:!:"]
)
def test_a_digest_that_is_none_is_refused(service, upload, header):
    answer = put(service, upload, 1, PARTS[0], **{"Content-Digest": header})

    assert problem(answer) == (400, "malformed_request")


@pytest.mark.parametrize("number", ["0", "-1", "10001", "one"])
def test_a_number_that_no_part_can_have_is_refused(service, upload, number):
    answer = put(service, upload, number, PARTS[0])

    assert problem(answer) == (422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] == "/path/number"


def test_a_part_beyond_the_last_is_refused(service, upload):
    answer = put(service, upload, 4, PARTS[0])

    assert problem(answer) == (422, "invalid_request")
    assert "parts 1 to 3" in answer.json()["detail"]


def test_a_complete_upload_takes_no_more_parts(service):
    upload_id = service.uploaded(b"weights")

    assert problem(service.put(f"/v1/uploads/{upload_id}/parts/1", b"weights")) == (
        409,
        "upload_closed",
    )


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "teacher"}, "/kind"),
        ({"bytes": 0}, "/bytes"),
        ({"bytes": "7"}, "/bytes"),
        ({"bytes": 10**30}, "/bytes"),
        ({"sha256": "abc"}, "/sha256"),
        ({"sha256": "A" * 64}, "/sha256"),
        ({"filename": "../x"}, "/filename"),
        ({"filename": "a\0b"}, "/filename"),
        ({"filename": ""}, "/filename"),
        ({"part_size": 1}, "/part_size"),
        ({"part_size": 1 << 27}, "/part_size"),
        ({"partsize": 1}, "/partsize"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_wrong_announcement_is_refused(service, changes, pointer):
    answer = service.announce(b"weights", **changes)

    assert problem(answer) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_the_part_size_may_be_left_out(service):
    assert service.announce(WHOLE).json()["part_size"] == DEFAULT_PART_BYTES == 16 * MIB


@pytest.mark.usefixtures("unchanged")
def test_an_upload_larger_than_is_allowed_is_refused(service):
    most = service.services.settings.max_upload_bytes
    answer = service.announce(b"", bytes=most + 1, part_size=64 * MIB)

    assert problem(answer) == (413, "too_large")
    assert answer.json()["most"] == most


@pytest.mark.usefixtures("unchanged")
def test_a_disk_without_room_is_told_before_anything_is_sent(service, monkeypatch):
    small = SimpleNamespace(free=66 * MIB)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: small)

    assert problem(service.announce(WHOLE, part_size=MIB)) == (507, "insufficient_storage")
    assert service.delete("/v1/uploads/upl_" + "0" * 26).status_code == 404


def test_a_disk_that_filled_up_since_is_told_before_a_part_is_read(service, upload, monkeypatch):
    before = service.everything()
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=64 * MIB))

    assert problem(put(service, upload, 1, PARTS[0])) == (507, "insufficient_storage")
    assert before == service.everything()


def test_a_disk_that_fills_up_on_the_way_is_told_as_such():
    with pytest.raises(InsufficientStorage), full_disk_told(), Path("/dev/full").open("wb") as full:
        full.write(b"x")
    with pytest.raises(IsADirectoryError), full_disk_told(), Path("/").open("wb"):
        pass


def test_bytes_that_were_sent_before_are_not_sent_again(service):
    service.new_model(b"weights")
    again = service.announce(b"weights").json()
    body = {"upload": again["id"], "name": "again", "architecture": "resnet18"}

    assert again["state"] == "complete"
    assert service.post("/v1/models", body).status_code == 202


def test_bytes_that_are_lost_are_sent_again(service):
    service.uploaded(b"weights")
    service.services.blobs.delete(sha256(b"weights"))

    assert service.announce(b"weights").json()["state"] == "open"


def listed(service, query="", **how):
    return service.get(f"/v1/uploads{query}", **how).json()["data"]


def test_uploads_are_listed_with_how_much_there_is_of_each(service, upload):
    put(service, upload, 3, PARTS[2])
    done = service.uploaded(b"weights")
    first, second = listed(service)

    assert [done, upload["id"]] == [first["id"], second["id"]]
    assert ("complete", 1, 7) == (first["state"], first["parts_received"], first["bytes_received"])
    assert ("open", 1, 3) == (second["state"], second["parts_received"], second["parts_expected"])
    assert (len(PARTS[2]), len(WHOLE)) == (second["bytes_received"], second["bytes"])
    shown = service.get(f"/v1/uploads/{upload['id']}").json()
    assert second == {name: value for name, value in shown.items() if name != "parts"}


def test_uploads_that_are_under_way_can_be_asked_for_alone(service, upload):
    done = service.uploaded(b"weights")

    assert [upload["id"]] == [found["id"] for found in listed(service, "?state=open")]
    assert [done] == [found["id"] for found in listed(service, "?state=complete")]
    assert service.get("/v1/uploads?state=lost").status_code == 422


def test_a_list_of_uploads_goes_on_at_its_cursor(service):
    made = [service.announce(bytes([n])).json()["id"] for n in range(3)]
    page = service.get("/v1/uploads?limit=2").json()
    rest = listed(service, f"?cursor={page['next_cursor']}")

    assert made[::-1] == [found["id"] for found in page["data"] + rest]


def test_a_list_of_uploads_is_new_when_a_part_arrives(service, upload):
    tag = {"If-None-Match": service.get("/v1/uploads").headers["ETag"]}
    unchanged = service.get("/v1/uploads", headers=tag).status_code
    put(service, upload, 1, PARTS[0])

    assert (304, 200) == (unchanged, service.get("/v1/uploads", headers=tag).status_code)


@pytest.mark.usefixtures("upload")
def test_nobody_sees_the_uploads_of_another_tenant(service):
    assert [] == listed(service, key=service.new_key(OTHER))


def test_a_deleted_upload_is_gone(service, upload):
    assert service.delete(f"/v1/uploads/{upload['id']}").status_code == 204
    assert service.get(f"/v1/uploads/{upload['id']}").status_code == 404
    assert service.delete(f"/v1/uploads/{upload['id']}").status_code == 404


def test_one_part_is_the_whole_and_is_looked_at_once_more(service):
    upload = service.announce(b"weights").json()
    put(service, upload, 1, b"weights")
    blob = service.services.blobs.path(sha256(b"weights"))
    number = blob.stat().st_ino
    blob.write_bytes(b"damaged")
    damaged = complete(service, upload)
    put(service, upload, 1, b"weights")
    again = blob.stat().st_ino

    assert (problem(damaged), number != again) == ((500, "blob_missing"), True)
    assert complete(service, upload).status_code == 200
    assert again == blob.stat().st_ino


def test_a_part_that_was_lost_meanwhile_is_told(service, upload):
    for number, part in enumerate(PARTS, start=1):
        put(service, upload, number, part)
    service.services.blobs.delete(sha256(PARTS[1]))

    assert problem(complete(service, upload)) == (500, "blob_missing")


class TestExpiry:
    @pytest.fixture
    def settings(self, settings):
        return Settings(**{**settings.model_dump(), "upload_ttl_s": 1e-3})

    def test_an_upload_is_forgotten_when_its_time_is_over(self, service):
        upload = service.announce(b"weights").json()

        while service.get(f"/v1/uploads/{upload['id']}").status_code != 404:
            pass
        assert problem(put(service, upload, 1, b"weights")) == (404, "not_found")
        assert listed(service) == []
        assert files_in(service.services.settings.blobs) == []
