"""One shape for every refusal, and nothing of the inside in any of them."""

import json

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from stillhouse.domain.errors import Unavailable
from tests.support.service import document

MEMBERS = {"type", "title", "status", "detail", "hint", "instance", "code", "errors"}


def check(answer, status, code):
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) >= MEMBERS
    assert problem["instance"] == answer.headers["x-request-id"]
    return problem


def test_a_path_that_is_not_there(service):
    problem = check(service.get("/v1/jobs/"), 404, "not_found")

    assert "/v1/jobs/" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/jobs", "GET, POST"),
        ("GET", "/v1/jobs/validate", "POST"),
        ("PATCH", "/v1/models/mdl_x", "DELETE, GET"),
        ("POST", "/v1/artifacts/art_x/content", "GET, HEAD"),
        ("POST", "/livez", "GET"),
    ],
)
def test_a_wrong_method_is_told_every_right_one(service, method, path, allowed):
    answer = service.call(method, path)

    check(answer, 405, "method_not_allowed")
    assert allowed == answer.headers["Allow"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"name: yaml", "not JSON"),
        (b'{"name": "\xff"}', "byte 10"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1, "a": 2}', "'a' stands twice"),
        (b"[" * 200_000, "too deeply"),
        (b"9" * 5000, "digits"),
        (b'{"a": 1} {', "Extra data"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_no_json_is_a_400(service, body, told):
    problem = check(service.call("POST", "/v1/jobs", content=body), 400, "invalid_json")

    assert told in problem["detail"] + problem["hint"]


@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_too_large_is_a_413(service):
    body = b'{"name": "' + b"x" * 1_000_000 + b'"}'

    check(service.call("POST", "/v1/jobs", content=body), 413, "too_large")
    check(service.call("POST", "/v1/jobs", content=iter([body])), 413, "too_large")


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/uploads", "/v1/models", "/v1/datasets"])
@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_no_object_is_a_422(service, path):
    for given in ("[]", '"job"', "null", "3"):
        problem = check(service.call("POST", path, content=given), 422, "invalid_request")

        assert problem["errors"][0]["pointer"] == ""


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=0", "/query/limit", "out_of_range"),
        ("limit=201", "/query/limit", "out_of_range"),
        ("limit=many", "/query/limit", "wrong_type"),
        ("limit=" + "9" * 30, "/query/limit", "out_of_range"),
        ("state=sleeping", "/query/state/0", "not_one_of"),
        ("cursor=nonsense", "/query/cursor", "invalid_cursor"),
        ("cursor=" + "a" * 3000, "/query/cursor", "out_of_range"),
    ],
)
def test_a_wrong_parameter_is_a_422_with_a_pointer(service, query, pointer, code):
    problem = check(service.get(f"/v1/jobs?{query}"), 422, "invalid_request")

    assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)]


@pytest.mark.usefixtures("unchanged")
def test_text_that_is_no_text_is_quoted_harmlessly(service):
    body = b'{"\\ud800": 1, "name": "\\udfff"}'

    check(service.call("POST", "/v1/jobs", content=body), 422, "invalid_request")
    assert service.call("POST", "/v1/jobs/validate", content=body).json()["valid"] is False


@pytest.mark.parametrize(
    "text", ["job_x", "%00", "job_%ED%A0%80", "upl_" + "0" * 26, "%F0%9F%A6%86"]
)
def test_what_cannot_be_an_id_is_not_there(service, text):
    check(service.get(f"/v1/jobs/{text}"), 404, "not_found")


def test_a_defect_is_told_with_its_request_and_nothing_else(service, logged):
    def explode():
        raise RuntimeError("password=hunter2 at /srv/secret")

    service.app.add_api_route("/boom", explode)
    answer = service.client.get("/boom", headers={"X-Request-Id": "ci-7"})

    problem = check(answer, 500, "internal_error")
    assert problem["instance"] == "ci-7"
    assert "hunter2" not in answer.text
    failure = next(entry for entry in logged if entry["event"] == "request.failed")
    assert failure["exc_info"] or "hunter2" in str(failure)


def test_a_database_that_does_not_answer_is_a_503(service):
    def refuse():
        raise Unavailable("the database is busy", hint="try again")

    service.app.add_api_route("/busy", refuse)
    answer = service.client.get("/busy")

    check(answer, 503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_a_database_that_is_not_there_is_a_503(service, settings, tmp_path):
    nowhere = f"sqlite:///{tmp_path}/nowhere/stillhouse.db"
    with TestClient(create_app(settings.model_copy(update={"database_url": nowhere}))) as client:
        answer = client.get("/v1/jobs", headers={"Authorization": f"Bearer {service.key}"})

    problem = check(answer, 503, "unavailable")
    assert "nowhere" not in str(problem)


def test_a_request_id_is_taken_when_it_can_be_one_and_made_when_not(service):
    given = service.get("/livez", headers={"X-Request-Id": "ci-run_42.1"})
    odd = service.get("/livez", headers={"X-Request-Id": "two words"})
    none = service.get("/livez")

    assert given.headers["X-Request-Id"] == "ci-run_42.1"
    assert odd.headers["X-Request-Id"].startswith("req_")
    assert odd.headers["X-Request-Id"] != none.headers["X-Request-Id"]


def test_a_line_is_logged_for_each_request_without_its_secrets(service, logged):
    service.post("/v1/jobs", document(name="confidential"))
    service.get("/v1/jobs/job_" + "0" * 26)

    lines = [entry for entry in logged if entry["event"] == "request.answered"]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", "/v1/jobs", 202),
        ("GET", "/v1/jobs/{job_id}", 404),
    ]
    assert all(line["duration_ms"] > 0 for line in lines)
    said = json.dumps(logged, default=str)
    assert "confidential" not in said
    assert service.key not in said
