"""Links: a file for whoever has its address, for five minutes, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.main import create_app
from stillhouse.domain import links
from stillhouse.domain.keys import USER_SCOPES, Scope
from stillhouse.domain.links import Grant
from stillhouse.store import UnitOfWork
from stillhouse.store.tables import SigningKeyRow
from tests.support.api import OTHER, sha256
from tests.support.service import TENANT

CONTENT = b"0123456789"
TAG = f'"sha256-{sha256(CONTENT)}"'


@pytest.fixture
def artifact(service):
    return service.artifact(CONTENT, "onnx/student.onnx")


@pytest.fixture
def link(service, artifact):
    return service.post(f"/v1/artifacts/{artifact}/link").json()


@pytest.fixture
def forged(service, link):  # noqa: ARG001 - making a link makes the key
    """A function: a link with these claims, signed as this service signs."""
    with UnitOfWork(service.services.sessions) as uow:
        [key] = uow._session.scalars(select(SigningKeyRow))

    def make(artifact_id, tenant=TENANT, expires_in=timedelta(minutes=1)):
        grant = Grant(tenant, artifact_id, datetime.now(UTC) + expires_in)
        return f"/v1/links/{links.signed(grant, key.id, bytes.fromhex(key.secret))}"

    return make


def test_a_link_gives_the_bytes_to_whoever_has_it(service, artifact, link):
    answer = service.client.get(link["url"])
    own = service.get(f"/v1/artifacts/{artifact}/content")

    assert (answer.status_code, answer.content) == (200, CONTENT)
    for header in ("ETag", "Repr-Digest", "Content-Disposition", "Content-Length"):
        assert answer.headers[header] == own.headers[header]


def test_it_is_a_path_as_all_links_are_and_says_how_long_it_is_good(link):
    expires = datetime.fromisoformat(link["expires_at"])
    left = expires - datetime.now(UTC)

    assert link["url"].startswith("/v1/links/")
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)


def test_a_download_by_link_can_be_taken_up(service, link):
    part = service.client.get(link["url"], headers={"Range": "bytes=4-", "If-Range": TAG})
    head = service.client.head(link["url"])
    known = service.client.get(link["url"], headers={"If-None-Match": TAG})

    assert (part.status_code, part.content) == (206, CONTENT[4:])
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", TAG)
    assert known.status_code == 304


def test_only_who_may_read_artifacts_makes_one(service, artifact):
    path = f"/v1/artifacts/{artifact}/link"
    others = [scope for scope in USER_SCOPES if scope is not Scope.ARTIFACTS_READ]

    assert service.client.post(path).status_code == 401
    assert service.post(path, key=service.new_key(TENANT, others)).json()["code"] == "forbidden"
    assert service.post(path, key=service.new_key(OTHER)).status_code == 404
    assert service.post(f"/v1/artifacts/art_{'0' * 26}/link").status_code == 404


def test_a_link_whose_time_is_over_says_so_and_the_way_out(service, artifact, forged):
    answer = service.client.get(forged(artifact, expires_in=timedelta(seconds=-1)))

    assert (answer.status_code, answer.json()["code"]) == (403, "link_expired")
    assert "still artifacts link" in answer.json()["hint"]
    assert CONTENT not in answer.content


def test_a_link_that_was_tampered_with_tells_nothing(service, link, forged):
    url = link["url"]
    changed = url[:-1] + ("0" if url[-1] != "0" else "1")
    text, _, signature = url.rpartition(".")
    other = forged(f"art_{'0' * 26}").rpartition(".")[0]
    mixed = f"{other}.{signature}"
    answers = [
        service.client.get(path)
        for path in (changed, mixed, text, url[:-2], f"{url}00", "/v1/links/x", "/v1/links/%00")
    ]

    assert {403} == {answer.status_code for answer in answers}
    assert 1 == len({answer.json()["detail"] for answer in answers})
    assert {"link_invalid"} == {answer.json()["code"] for answer in answers}


def test_a_link_opens_nothing_but_its_file(service, artifact, forged, link):
    token = link["url"].rpartition("/")[2]
    stolen = {"Authorization": f"Bearer {token}"}

    assert service.client.get(f"/v1/artifacts/{artifact}", headers=stolen).status_code == 401
    assert service.client.get(forged(artifact, tenant=OTHER)).status_code == 404
    assert service.client.post(link["url"]).status_code == 405


def test_a_link_outlives_the_process_that_made_it(settings, link):
    with TestClient(create_app(settings)) as restarted:
        assert restarted.get(link["url"]).content == CONTENT


def test_the_log_does_not_have_what_would_open_the_file(service, link, logged):
    service.client.get(link["url"])
    service.client.get(f"{link['url']}0")
    token = link["url"].rpartition("/")[2]
    lines = [line for line in logged if line["event"] == "request.answered"]

    assert ["/v1/links/{token}"] * 2 == [line["path"] for line in lines][-2:]
    for part in token.split("."):
        assert part not in str(logged)


def test_a_damaged_file_is_not_served_by_link_either(service, link):
    service.services.blobs.path(sha256(CONTENT)).write_bytes(b"x" * 10)

    assert service.client.get(link["url"]).json()["code"] == "blob_corrupted"
