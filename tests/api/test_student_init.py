"""A student that begins with weights which the service keeps."""

import pytest

from tests.support.api import OTHER
from tests.support.service import document

CARD = {
    "architecture": "resnet10t",
    "num_classes": 10,
    "label_names": [str(digit) for digit in range(10)],
    "pretrained_cfg": {"input_size": [3, 24, 24], "mean": [0.5] * 3, "std": [0.25] * 3},
}


def begun(init, architecture="resnet10t", **student):
    return document(student={"architecture": architecture, "init": init, **student})


def codes(service, given):
    answer = service.post("/v1/jobs", given)
    assert answer.status_code == 422
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


def test_an_uploaded_model_is_held_while_a_job_needs_it(service):
    model = service.ready_model(architecture="resnet10t")
    answer = service.post("/v1/jobs", begun(model))

    assert answer.status_code == 202
    assert service.delete(f"/v1/models/{model}").json()["jobs"] == [answer.json()["id"]]


def test_the_student_of_a_job_is_known_by_its_card(service):
    given = begun(f"job:{service.finished(CARD)}")
    answer = service.post("/v1/jobs/validate", given).json()

    assert (True, "full") == (answer["valid"], answer["checked"])
    assert service.post("/v1/jobs", given).status_code == 202


def test_what_does_not_fit_is_refused_at_its_place(service):
    model = service.ready_model(image_size=224, fixed_image_size=True, classes=3)

    assert codes(service, begun(model)) == {
        "/student/architecture": "architecture_differs",
        "/student/init": "classes_differ",
        "/student/image_size": "image_size_differs",
    }


def test_a_graph_is_nothing_to_begin_with(service):
    graph = service.ready_model(architecture=None, format="onnx")

    assert codes(service, begun(graph)) == {"/student/init": "checkpoint_not_weights"}


@pytest.mark.parametrize(
    ("init", "code"),
    [
        ("mdl_" + "0" * 26, "unknown_model"),
        ("job:job_" + "0" * 26, "unknown_job"),
        ("mdl_x", "invalid_id"),
        ("job:", "invalid_id"),
        ("pretrained", "not_a_source"),
    ],
)
def test_what_is_not_there_is_refused(service, init, code):
    assert codes(service, begun(init)) == {"/student/init": code}


def test_what_somebody_else_has_is_not_there(service):
    service.new_key(OTHER)
    theirs = service.finished(CARD, tenant=OTHER)

    assert codes(service, begun(f"job:{theirs}")) == {"/student/init": "unknown_job"}


def test_what_the_weights_were_wrapped_in_is_a_warning(service):
    told = {"warnings": ["the weights were read from model_ema"]}
    model = service.ready_model(architecture="resnet10t", **told)
    answer = service.post("/v1/jobs/validate", begun(model)).json()

    assert [("/student/init", "checkpoint_unwrapped")] == [
        (warning["pointer"], warning["code"]) for warning in answer["warnings"]
    ]
