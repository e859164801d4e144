"""Signing in: a code is good once, for who asked and while that key is what it was."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from stillhouse.domain.keys import Scope
from stillhouse.domain.realm import Realm
from stillhouse.store.clock import later
from stillhouse.store.tables import ApiKeyRow, SignInCodeRow
from tests.support.belongings import asking
from tests.support.service import TENANT


@pytest.fixture
def admin(service):
    return asking(service, Realm(TENANT))


@pytest.fixture
def parent(admin):
    """A key that somebody made, with its token."""
    scopes = ["jobs:read", "artifacts:read"]
    return admin.post("/v1/keys", {"name": "ci", "scopes": scopes, "project": "vision"}).json()


def code_of(service, key):
    answer = service.post("/v1/sign-in-codes", key=key["token"])
    assert answer.status_code == 201, answer.text
    return answer.json()["code"]


def sign_in(service, code):
    return service.client.post("/v1/sign-in", json={"code": code})


def signed_in(service, key):
    answer = sign_in(service, code_of(service, key))
    assert answer.status_code == 201, answer.text
    return answer.json()["key"]


def changed(service, table, *where, **values):
    with service.work() as uow:
        uow._session.execute(update(table).where(*where).values(**values))


def moment(text):
    return datetime.fromisoformat(text)


def test_a_code_is_exchanged_for_a_key_that_may_do_the_same(service, parent):
    token = signed_in(service, parent)
    me = service.get("/v1/me", key=token).json()

    assert me["tenant"] == TENANT
    assert (me["key"]["name"], me["key"]["parent_id"]) == ("dashboard", parent["id"])
    assert (me["key"]["scopes"], me["key"]["project"]) == (parent["scopes"], "vision")
    assert me["key"]["id"] != parent["id"]
    assert service.get("/v1/jobs", key=token).status_code == 200
    assert service.post("/v1/jobs", {}, key=token).json()["needed"] == "jobs:write"


def test_a_code_is_good_for_a_minute_and_its_key_for_a_day(service, parent):
    code = service.post("/v1/sign-in-codes", key=parent["token"])
    answer = sign_in(service, code.json()["code"])
    key = service.get("/v1/me", key=answer.json()["key"]).json()["key"]
    minute = moment(code.json()["expires_at"]) - moment(key["created_at"])

    assert timedelta(seconds=50) < minute <= timedelta(minutes=1)
    assert key["expires_at"] == answer.json()["expires_at"]
    day = moment(key["expires_at"]) - moment(key["created_at"])
    assert abs(day - timedelta(hours=24)) < timedelta(seconds=10)
    assert {"no-store"} == {one.headers["Cache-Control"] for one in (code, answer)}


def test_the_key_lives_no_longer_than_the_one_that_asked(service, admin):
    soon = (datetime.now().astimezone() + timedelta(hours=2)).isoformat()
    parent = admin.post("/v1/keys", {"name": "short", "expires_at": soon}).json()
    answer = sign_in(service, code_of(service, parent)).json()

    assert moment(answer["expires_at"]) == moment(parent["expires_at"])


def test_neither_the_code_nor_the_key_is_kept(service, parent):
    code = code_of(service, parent)
    rows, _ = service.everything()
    token = sign_in(service, code).json()["key"]
    later_rows, _ = service.everything()

    assert re.fullmatch("sh_code_[0-9a-f]{32}", code)
    assert code.removeprefix("sh_code_") not in str(rows)
    assert token.rpartition("_")[2] not in str(later_rows)
    assert later_rows["sign_in_code"] == []


def refusal(answer):
    problem = answer.json()
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    del problem["instance"]
    return answer.status_code, problem


def test_wrong_used_old_and_void_codes_are_one_refusal(service, admin, parent):
    wrong = sign_in(service, f"sh_code_{'0' * 32}")
    nonsense = [sign_in(service, text) for text in ("", "é", "sh_code_", parent["token"])]

    used = code_of(service, parent)
    assert sign_in(service, used).status_code == 201

    old = code_of(service, parent)
    changed(service, SignInCodeRow, expires_at=later(-1))
    old_refused = sign_in(service, old)

    rotated = code_of(service, parent)
    admin.post(f"/v1/keys/{parent['id']}/rotate", {"overlap_s": 3600})
    rotated_refused = sign_in(service, rotated)

    other = admin.post("/v1/keys", {"name": "other"}).json()
    revoked = code_of(service, other)
    admin.delete(f"/v1/keys/{other['id']}")

    third = admin.post("/v1/keys", {"name": "third"}).json()
    expired = code_of(service, third)
    changed(service, ApiKeyRow, ApiKeyRow.id == third["id"], expires_at=later(-1))

    refused = [wrong, *nonsense, sign_in(service, used), old_refused, rotated_refused]
    refused += [sign_in(service, revoked), sign_in(service, expired)]
    assert (401, "sign_in_refused") == (wrong.status_code, wrong.json()["code"])
    assert [refusal(wrong)] * len(refused) == [*map(refusal, refused)]


def test_half_a_character_is_answered(service):
    answer = service.client.post("/v1/sign-in", content=rb'{"code": "\ud800"}')

    assert answer.status_code in {401, 422}


def test_a_code_needs_a_key_that_is_good(service, admin, parent):
    admin.delete(f"/v1/keys/{parent['id']}")

    assert service.client.post("/v1/sign-in-codes").status_code == 401
    assert service.post("/v1/sign-in-codes", key=parent["token"]).status_code == 401


@pytest.mark.parametrize("body", [{}, {"code": 1}, {"code": "x" * 201}, {"code": "x", "key": "y"}])
def test_what_is_no_code_at_all_is_told_where(service, body):
    refused = service.client.post("/v1/sign-in", json=body)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] in {"/code", "/key"}


@pytest.mark.parametrize("how", ["revoked", "rotated at once"])
def test_who_is_signed_in_with_a_key_that_ends_is_signed_out(service, admin, parent, how):
    first = signed_in(service, parent)
    second = signed_in(service, {"token": first})  # a browser hands on to another
    assert service.get("/v1/me", key=second).json()["key"]["parent_id"] == parent["id"]
    if how == "revoked":
        admin.delete(f"/v1/keys/{parent['id']}")
    else:
        admin.post(f"/v1/keys/{parent['id']}/rotate", {"overlap_s": 0})

    assert [401, 401] == [service.get("/v1/me", key=key).status_code for key in (first, second)]


def test_with_an_overlap_who_is_signed_in_stays(service, admin, parent):
    token = signed_in(service, parent)
    admin.post(f"/v1/keys/{parent['id']}/rotate")

    assert service.get("/v1/me", key=token).status_code == 200


def test_keys_of_a_day_that_is_over_are_not_listed_and_go(service, admin, parent):
    key = service.get("/v1/me", key=signed_in(service, parent)).json()["key"]
    listed = [one["id"] for one in admin.get("/v1/keys").json()["data"]]
    changed(service, ApiKeyRow, ApiKeyRow.id == key["id"], expires_at=later(-1))
    changed(service, ApiKeyRow, ApiKeyRow.id == parent["id"], expires_at=later(3600))
    after = [one["id"] for one in admin.get("/v1/keys").json()["data"]]
    signed_in(service, parent)
    rows, _ = service.everything()
    with service.work() as uow:
        kept = {row.id for row in uow._session.query(ApiKeyRow)}

    assert key["id"] in listed
    assert key["id"] not in {*after, *kept}
    assert parent["id"] in after
    assert rows["sign_in_code"] == []


def test_codes_that_nobody_used_do_not_gather(service, parent):
    for _ in range(3):
        code_of(service, parent)
        changed(service, SignInCodeRow, expires_at=later(-1))
    code_of(service, parent)
    rows, _ = service.everything()

    assert len(rows["sign_in_code"]) == 1


def test_an_admin_is_signed_in_as_an_admin(service, admin):
    token = signed_in(service, {"token": admin.key})

    assert service.get("/v1/keys", key=token).status_code == 200
    assert {*service.get("/v1/me", key=token).json()["key"]["scopes"]} == {*Scope}
