"""Models and data sets: made of uploads, checked once, kept while jobs need them."""

import pytest

from kd_core.errors import Problem
from tests.support.api import sha256
from tests.support.service import document


def new_model(service, upload, /, **changes):
    body = {"upload": upload, "name": "teacher", "architecture": "resnet18"}
    return service.post("/v1/models", {**body, **changes})


def reject(service, problem):
    check = service.next_check()
    with service.work() as uow:
        uow.checks.rejected(check, [problem])


def test_a_new_model_is_being_checked(service):
    answer = new_model(service, service.uploaded(b"weights"))
    model = answer.json()

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/models/{model['id']}"
    assert (model["state"], model["facts"], model["problems"]) == ("checking", None, [])
    assert (model["architecture"], model["bytes"]) == ("resnet18", 7)
    assert model["sha256"] == sha256(b"weights")
    assert service.get(f"/v1/models/{model['id']}").json() == model


def test_the_image_size_of_a_model_reaches_its_check(service):
    upload = service.uploaded(b"weights")
    small = new_model(service, upload, image_size=4)
    answer = new_model(service, upload, image_size=384)

    assert small.json()["errors"][0]["pointer"] == "/image_size"
    assert answer.status_code == 202
    assert service.next_check().declared == {"architecture": "resnet18", "image_size": 384}


def test_a_model_that_passed_has_facts(service):
    model = service.get(f"/v1/models/{service.ready_model(parameters=11)}").json()

    assert model["state"] == "ready"
    assert model["facts"] == {"architecture": "resnet18", "classes": 10, "parameters": 11}


def test_a_model_that_did_not_pass_tells_why(service):
    model = service.new_model()
    reject(service, Problem("keys_differ", "fc.weight is missing", pointer="/upload"))
    shown = service.get(f"/v1/models/{model}").json()

    assert shown["state"] == "rejected"
    assert shown["problems"] == [
        {
            "pointer": "/upload",
            "code": "keys_differ",
            "message": "fc.weight is missing",
            "hint": "",
            "file": None,
        }
    ]
    given = document(teacher={"architecture": "resnet18", "checkpoint": model})
    refused = service.post("/v1/jobs", given).json()["errors"]
    assert [(error["pointer"], error["code"]) for error in refused] == [
        ("/teacher/checkpoint", "not_ready")
    ]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"architecture": "resnet_18"}, "/architecture", "unknown_architecture"),
        ({"architecture": None}, "/architecture", "missing_key"),
        ({"architecture": 18}, "/architecture", "wrong_type"),
        ({"name": ""}, "/name", "out_of_range"),
        ({"name": "a\nb"}, "/name", "unprintable"),
        ({"upload": "upl_" + "0" * 26}, "/upload", "unknown_upload"),
        ({"upload": "\0"}, "/upload", "unknown_upload"),
        ({"upload_id": "x"}, "/upload_id", "unknown_key"),
    ],
)
def test_a_wrong_model_is_refused(service, changes, pointer, code):
    upload = service.uploaded()
    before = service.everything()
    answer = new_model(service, upload, **changes)

    assert answer.status_code == 422
    found = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert found == [(pointer, code)]
    assert before == service.everything()


def test_an_upload_of_another_kind_is_refused(service):
    answer = new_model(service, service.uploaded(b"images", "dataset"))

    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/upload", "wrong_kind")


def test_an_upload_that_is_not_complete_is_refused(service):
    answer = new_model(service, service.announce(b"weights").json()["id"])

    assert (answer.status_code, answer.json()["code"]) == (409, "upload_incomplete")


def test_models_are_listed_newest_first(service):
    made = [new_model(service, service.uploaded(), name=str(n)).json()["id"] for n in range(3)]
    page = service.get("/v1/models?limit=2").json()
    rest = service.get(f"/v1/models?cursor={page['next_cursor']}").json()

    assert [model["id"] for model in page["data"] + rest["data"]] == made[::-1]


def test_a_deleted_model_is_gone(service):
    model = service.ready_model()

    assert service.delete(f"/v1/models/{model}").status_code == 204
    assert service.get(f"/v1/models/{model}").status_code == 404


def test_a_model_may_go_when_its_job_is_over(service):
    model = service.ready_model()
    given = document(teacher={"architecture": "resnet18", "checkpoint": model})
    job = service.post("/v1/jobs", given).json()

    assert service.delete(f"/v1/models/{model}").json()["code"] == "in_use"
    service.post(f"/v1/jobs/{job['id']}/cancel")
    assert service.delete(f"/v1/models/{model}").status_code == 204


def test_a_new_data_set_has_one_version_that_is_being_checked(service):
    upload = service.uploaded(b"images", "dataset")
    answer = service.post("/v1/datasets", {"upload": upload, "name": "shelf", "unlabelled": True})
    data = answer.json()

    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/datasets/{data['id']}"
    [version] = data["versions"]
    assert (version["version"], version["ref"]) == (1, f"{data['id']}@1")
    assert (version["state"], version["sha256"]) == ("checking", sha256(b"images"))
    check = service.next_check()
    assert (check.subject, check.declared) == (version["ref"], {"unlabelled": True})


def test_a_further_version_is_labelled_as_the_last_one_was(service):
    upload = service.uploaded(b"images", "dataset")
    data = service.post("/v1/datasets", {"upload": upload, "name": "x", "unlabelled": True}).json()
    service.checked({})
    more = {"upload": service.uploaded(b"more images", "dataset")}
    answer = service.post(f"/v1/datasets/{data['id']}/versions", more)

    assert answer.status_code == 202
    states = [(version["version"], version["state"]) for version in answer.json()["versions"]]
    assert states == [(2, "checking"), (1, "ready")]
    check = service.next_check()
    assert (check.subject, check.declared) == (f"{data['id']}@2", {"unlabelled": True})


@pytest.mark.parametrize("body", [{"upload": "upl_x"}, {"upload": "upl_" + "0" * 26}])
def test_a_version_of_nothing_is_refused(service, body):
    data = service.new_dataset()
    before = service.everything()
    answer = service.post(f"/v1/datasets/{data}/versions", body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/upload")
    assert before == service.everything()


def test_data_sets_are_listed_with_their_versions(service):
    first, second = service.new_dataset(b"one"), service.new_dataset(b"two")
    more = {"upload": service.uploaded(b"three", "dataset")}
    service.post(f"/v1/datasets/{first}/versions", more)
    listed = service.get("/v1/datasets").json()["data"]

    assert [(data["id"], len(data["versions"])) for data in listed] == [(second, 1), (first, 2)]
    assert service.get(f"/v1/datasets/{first}").json() == listed[1]


def test_a_deleted_data_set_is_gone_with_its_versions(service):
    data = service.new_dataset()

    assert service.delete(f"/v1/datasets/{data}").status_code == 204
    assert service.get(f"/v1/datasets/{data}").status_code == 404
    assert (
        service.post("/v1/jobs/validate", document(data={"dataset": f"{data}@1"})).json()["errors"][
            0
        ]["code"]
        == "unknown_data_set"
    )
