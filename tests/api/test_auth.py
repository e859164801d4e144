"""Nothing under /v1 is told to anybody without a key that may ask for it."""

import re

import pytest
from sqlalchemy import update

from api.main import ROUTERS
from stillhouse.domain.keys import Scope
from stillhouse.store.clock import later
from stillhouse.store.tables import ApiKeyRow
from tests.support.service import TENANT

# What a link opens, and what a code is exchanged for, whoever has it: it is its own key.
KEYLESS = {"/v1/links/{token}", "/v1/sign-in"}
OPERATIONS = sorted(
    (method, route.path_format)
    for router in ROUTERS
    for route in router.routes
    for method in route.methods
    if route.path.startswith("/v1/") and route.path not in KEYLESS
)


def filled(path):
    body = "0" * 26
    return re.sub(r"{\w+_id}", f"job_{body}", path).replace("{number}", "1")


def test_every_operation_wants_a_key(service):
    for method, path in OPERATIONS:
        answer = service.client.request(method, filled(path))

        assert answer.status_code == 401, (method, path)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert method == "HEAD" or answer.json()["code"] == "unauthenticated"
    assert len(OPERATIONS) > 25


@pytest.mark.parametrize(
    "header",
    ["Bearer sh_live_x", "Bearer ", "Basic dXNlcjpwYXNz", f"Bearer sh_live_{'0' * 26}_{'a' * 64}"],
)
def test_what_is_no_key_of_ours_is_not_let_in(service, header):
    answer = service.client.get("/v1/jobs", headers={"Authorization": header})

    assert answer.status_code == 401


def test_a_key_that_has_expired_or_was_revoked_is_not_let_in(service):
    with service.work() as uow:
        old, expired = uow.keys.create(TENANT, "old", [Scope.ADMIN])
        uow._session.execute(
            update(ApiKeyRow).where(ApiKeyRow.id == old.id).values(expires_at=later(-1))
        )
        revoked, token = uow.keys.create(TENANT, "lost", [Scope.ADMIN])
        uow.keys.revoke(TENANT, revoked.id)

    assert service.get("/v1/jobs", key=expired).status_code == 401
    assert service.get("/v1/jobs", key=token).status_code == 401


def test_a_key_may_do_what_its_scopes_say_and_no_more(service):
    reader = service.new_key(TENANT, [Scope.JOBS_READ])

    assert service.get("/v1/jobs", key=reader).status_code == 200
    refused = service.post("/v1/jobs", {}, key=reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert refused.json()["needed"] == "jobs:write"
    assert service.announce(b"x").status_code == 201
    assert service.post("/v1/uploads", {}, key=reader).status_code == 403
    assert service.get("/v1/artifacts/art_" + "0" * 26, key=reader).status_code == 403


def test_the_last_use_of_a_key_is_noted(service):
    with service.work() as uow:
        assert [key.last_used_at for key in uow.keys.page(TENANT).items] == [None]
    service.get("/v1/jobs")
    with service.work() as uow:
        assert uow.keys.page(TENANT).items[0].last_used_at is not None
