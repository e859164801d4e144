"""Nothing under /v1 is told to anybody without a key, and nothing of a tenant to another."""

from datetime import UTC, datetime, timedelta

import pytest

from api.main import ROUTERS
from stillhouse.domain.keys import Scope
from tests.support.api import OTHER
from tests.support.service import TENANT

# What a link opens, whoever has it: it is its own key.
KEYLESS = {"/v1/links/{token}"}
OPERATIONS = sorted(
    (method, route.path_format)
    for router in ROUTERS
    for route in router.routes
    for method in route.methods
    if route.path.startswith("/v1/") and route.path not in KEYLESS
)
READERS = {"/v1/jobs", "/v1/models", "/v1/datasets"}


def filled(path):
    body = "0" * 26
    for name, prefix in {"job": "job", "upload": "upl", "model": "mdl", "artifact": "art"}.items():
        path = path.replace(f"{{{name}_id}}", f"{prefix}_{body}")
    return path.replace("{dataset_id}", f"ds_{body}").replace("{number}", "1")


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
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with service.work() as uow:
        _, expired = uow.keys.create(TENANT, "old", [Scope.ADMIN], yesterday)
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
        assert [key.last_used_at for key in uow.keys.of_tenant(TENANT)] == [None]
    service.get("/v1/jobs")
    with service.work() as uow:
        assert uow.keys.of_tenant(TENANT)[0].last_used_at is not None


def test_no_operation_shows_or_changes_what_is_another_tenants(service):
    """Every path with ids in it, with real ids, asked by somebody else."""
    artifact = service.artifact()
    with service.work() as uow:
        job = uow.artifacts.find(TENANT, artifact).job_id
    ids = {
        "{job_id}": job,
        "{artifact_id}": artifact,
        "{upload_id}": service.uploaded(),
        "{model_id}": service.new_model(),
        "{dataset_id}": service.new_dataset(),
        "{number}": "1",
    }
    before, stranger = service.everything(), service.new_key(OTHER)
    asked = [(method, path) for method, path in OPERATIONS if "{" in path]
    for method, path in asked:
        for name, value in ids.items():
            path = path.replace(name, value)  # noqa: PLW2901 - filled in step by step
        bodies = {"/versions": {"upload": ids["{upload_id}"]}, job: {"name": "mine"}}
        body = next((bodies[end] for end in bodies if path.endswith(end)), None)
        answer = service.call(method, path, key=stranger, json=body)

        assert answer.status_code == 404, (method, path)

    assert len(asked) > 12
    rows, files = service.everything()
    assert before == ({**rows, "tenant": before[0]["tenant"]}, files)


@pytest.mark.parametrize("path", sorted(READERS))
def test_lists_hold_the_tenants_own_things_alone(service, path):
    service.world.submit()
    service.new_model()
    service.new_dataset()

    assert len(service.get(path).json()["data"]) == 1
    assert service.get(path, key=service.new_key(OTHER)).json()["data"] == []


def test_another_tenants_upload_model_and_data_cannot_be_named(service):
    upload, model, data = service.uploaded(), service.ready_model(), service.ready_dataset()
    stranger = service.new_key(OTHER)
    named = {"upload": upload, "name": "x", "architecture": "resnet18"}
    job = {
        "teacher": {"architecture": "resnet18", "checkpoint": model},
        "student": {"architecture": "resnet10t"},
        "data": {"dataset": data},
        "loss": "kd",
    }

    refused = service.post("/v1/models", named, key=stranger)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/upload")
    refused = service.post("/v1/jobs", job, key=stranger)
    assert [error["pointer"] for error in refused.json()["errors"]] == [
        "/teacher/checkpoint",
        "/data/dataset",
    ]


def test_bytes_of_another_tenant_are_not_taken_for_ones_own(service):
    service.uploaded(b"secret weights")
    stranger = service.new_key(OTHER)
    new = service.announce(b"secret weights").request.content

    mine = service.call("POST", "/v1/uploads", content=new)
    theirs = service.call("POST", "/v1/uploads", content=new, key=stranger)
    assert mine.json()["state"] == "complete"
    assert theirs.json()["state"] == "open"
