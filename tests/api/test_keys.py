"""Keys over the API: none grants more than it has, and none is shown twice."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import update

from api.keys.schemas import ScopeWord
from stillhouse.domain.keys import USER_SCOPES, Scope
from stillhouse.domain.realm import Realm
from stillhouse.store.clock import later
from stillhouse.store.tables import ApiKeyRow
from tests.support.api import OTHER
from tests.support.belongings import asking
from tests.support.service import TENANT, document

SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()


@pytest.fixture
def admin(service):
    return asking(service, Realm(TENANT))


@pytest.fixture
def of_project(service):
    return asking(service, Realm(TENANT, "vision"))


def made(admin, **key):
    answer = admin.post("/v1/keys", {"name": "ci", **key})
    assert answer.status_code == 201, answer.text
    return answer.json()


def problems(answer):
    return answer.status_code, [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


def test_a_key_is_shown_once_and_works_at_once(admin):
    answer = admin.post("/v1/keys", {"name": "ci", "expires_at": SOON})
    key = answer.json()
    token = key.pop("token")

    assert answer.headers["Location"] == f"/v1/keys/{key['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert admin.get(f"/v1/keys/{key['id']}").json() == key
    assert set(key["scopes"]) == {scope.value for scope in USER_SCOPES}
    assert (key["project"], key["last_used_at"]) == (None, None)
    assert admin.get("/v1/jobs", key=token).status_code == 200
    rows, _ = admin.everything()
    assert token.rsplit("_", maxsplit=1)[1] not in str(rows)


def test_whoever_asks_is_told_who_that_is(admin):
    key = made(admin, scopes=["jobs:read"], project="vision", expires_at=SOON)
    me = admin.get("/v1/me", key=key["token"]).json()

    assert me["tenant"] == TENANT
    assert (me["key"]["id"], me["key"]["project"]) == (key["id"], "vision")
    assert (me["key"]["scopes"], me["key"]["expires_at"]) == (["jobs:read"], key["expires_at"])
    assert me["key"]["last_used_at"] is not None


@pytest.mark.parametrize("scope", sorted({*Scope} - {Scope.ADMIN}))
def test_only_an_admins_key_makes_sees_or_ends_keys(service, admin, scope):
    key, other = service.new_key(TENANT, [scope]), made(admin)["id"]
    answers = [
        service.post("/v1/keys", {"name": "more", "scopes": [scope]}, key=key),
        service.get("/v1/keys", key=key),
        service.get(f"/v1/keys/{other}", key=key),
        service.post(f"/v1/keys/{other}/rotate", key=key),
        service.delete(f"/v1/keys/{other}", key=key),
    ]

    assert [(answer.status_code, answer.json()["needed"]) for answer in answers] == [
        (403, "admin")
    ] * len(answers)
    assert service.get("/v1/me", key=key).status_code == 200


def test_a_key_of_a_project_makes_keys_of_that_project_alone(admin, of_project):
    own = made(of_project, scopes=["admin"])
    beyond = of_project.post("/v1/keys", {"name": "more", "project": "speech"})
    tenants = made(admin)["id"]

    assert own["project"] == "vision"
    assert problems(beyond) == (422, [("/project", "other_project")])
    listed = of_project.get("/v1/keys").json()["data"]
    assert {key["project"] for key in listed} == {"vision"}
    assert of_project.post(f"/v1/keys/{tenants}/rotate").status_code == 404
    assert {key["project"] for key in admin.get("/v1/keys").json()["data"]} == {None, "vision"}


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"expires_at": "2020-01-01T00:00:00Z"}, ("/expires_at", "out_of_range")),
        ({"expires_at": 4_000_000_000}, ("/expires_at", "not_a_moment")),
        ({"expires_at": "4000000000"}, ("/expires_at", "not_a_moment")),
        ({"expires_at": "2090-01-01T00:00:00"}, ("/expires_at", "not_a_moment")),
        ({"scopes": []}, ("/scopes", "out_of_range")),
        ({"scopes": ["root"]}, ("/scopes/0", "not_one_of")),
        ({"project": "No Such Name"}, ("/project", "invalid")),
        ({"name": ""}, ("/name", "out_of_range")),
        ({"tenant": OTHER}, ("/tenant", "unknown_key")),
    ],
)
def test_a_key_that_cannot_be_made_is_refused_with_the_place(admin, wrong, where):
    answer = admin.post("/v1/keys", {"name": "ci", **wrong})

    assert problems(answer) == (422, [where])


def test_every_scope_can_be_given():
    assert set(get_args(ScopeWord)) == {scope.value for scope in Scope}


def test_a_rotated_key_has_two_good_secrets_until_the_overlap_is_over(admin):
    key = made(admin)
    answer = admin.post(f"/v1/keys/{key['id']}/rotate", {"overlap_s": 60})
    rotated = answer.json()

    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert rotated["id"] == key["id"]
    assert rotated["previous_valid_until"] is not None
    tokens = [key["token"], rotated["token"]]
    assert [admin.get("/v1/me", key=token).status_code for token in tokens] == [200, 200]
    with admin.work() as uow:
        uow._session.execute(update(ApiKeyRow).values(previous_until=later(-1)))
    assert [admin.get("/v1/me", key=token).status_code for token in tokens] == [401, 200]


def test_a_second_rotation_ends_the_secret_before_the_last(admin):
    key = made(admin)
    path = f"/v1/keys/{key['id']}/rotate"
    tokens = [key["token"], admin.post(path).json()["token"], admin.post(path).json()["token"]]

    assert [admin.get("/v1/me", key=token).status_code for token in tokens] == [401, 200, 200]


def test_a_secret_that_leaked_ends_at_once(admin):
    key = made(admin)
    rotated = admin.post(f"/v1/keys/{key['id']}/rotate", {"overlap_s": 0}).json()

    assert rotated["previous_valid_until"] is None
    refused = admin.get("/v1/me", key=key["token"])
    assert (refused.status_code, refused.headers["WWW-Authenticate"][:6]) == (401, "Bearer")
    assert admin.get("/v1/me", key=rotated["token"]).status_code == 200


def test_a_key_that_has_expired_is_not_rotated(admin):
    key = made(admin, expires_at=SOON)
    with admin.work() as uow:
        mine = update(ApiKeyRow).where(ApiKeyRow.id == key["id"])
        uow._session.execute(mine.values(expires_at=later(-1)))
    refused = admin.post(f"/v1/keys/{key['id']}/rotate")

    assert (refused.status_code, refused.json()["code"]) == (409, "key_expired")


def test_a_revoked_key_is_gone_with_all_its_secrets(admin):
    key = made(admin)
    rotated = admin.post(f"/v1/keys/{key['id']}/rotate").json()
    ended = admin.delete(f"/v1/keys/{key['id']}")

    assert ended.status_code == 204
    for token in (key["token"], rotated["token"]):
        assert admin.get("/v1/me", key=token).status_code == 401
    assert admin.get(f"/v1/keys/{key['id']}").status_code == 404
    assert admin.delete(f"/v1/keys/{key['id']}").status_code == 404
    assert key["id"] not in admin.get("/v1/keys").text


def test_what_a_key_of_a_project_makes_is_of_that_project(of_project):
    job = of_project.post("/v1/jobs", document()).json()
    upload = of_project.announce(b"weights").json()

    assert (job["project"], job["resolved"]["project"]) == ("vision", "vision")
    assert "project" not in job["spec"]
    assert upload["project"] == "vision"
    model, data = of_project.ready_model(), of_project.ready_dataset()
    assert of_project.get(f"/v1/models/{model}").json()["project"] == "vision"
    assert of_project.get(f"/v1/datasets/{data.split('@')[0]}").json()["project"] == "vision"


def test_a_key_of_a_project_puts_nothing_into_another(of_project):
    job = of_project.post("/v1/jobs", document()).json()["id"]
    refusals = [
        of_project.post("/v1/jobs", document(project="speech")),
        of_project.post(f"/v1/jobs/{job}/clone", {"patch": {"project": "speech"}}),
        of_project.announce(b"weights", project="speech"),
    ]
    checked = of_project.post("/v1/jobs/validate", document(project="speech")).json()

    assert [problems(one) for one in refusals] == [(422, [("/project", "other_project")])] * 3
    assert [one["code"] for one in checked["errors"]] == ["other_project"]


def test_a_key_of_the_tenant_sees_every_project_and_says_which_it_means(admin, of_project):
    job = of_project.post("/v1/jobs", document()).json()["id"]
    upload = admin.announce(b"weights", project="vision").json()["id"]
    clone = admin.post(f"/v1/jobs/{job}/clone").json()

    assert of_project.get(f"/v1/uploads/{upload}").status_code == 200
    assert admin.get(f"/v1/jobs/{job}").status_code == 200
    assert clone["project"] == "vision"
    assert admin.announce(b"others").json()["project"] == "default"


def test_a_model_that_a_job_of_another_project_reads_stays_and_names_no_job(admin, of_project):
    model = of_project.ready_model()
    teacher = {"architecture": "resnet18", "checkpoint": model}
    job = admin.post("/v1/jobs", document(teacher=teacher, project="speech")).json()["id"]
    refused = of_project.delete(f"/v1/models/{model}")

    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert job not in refused.text
    assert job in admin.delete(f"/v1/models/{model}").json()["jobs"]
