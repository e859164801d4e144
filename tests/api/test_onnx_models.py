"""An uploaded ONNX graph: registered without an architecture, and a teacher like a file."""

import pytest

from tests.support.service import document

SCALE = {"mean": [0.5] * 3, "std": [0.25] * 3}


def uploaded(service, filename):
    upload = service.announce(b"graph", filename=filename).json()
    if upload["state"] == "open":
        service.put(f"/v1/uploads/{upload['id']}/parts/1", b"graph")
        service.post(f"/v1/uploads/{upload['id']}/complete")
    return upload["id"]


def register(service, filename="teacher.onnx", **changes):
    body = {"upload": uploaded(service, filename), "name": "teacher"}
    return service.post("/v1/models", {**body, **changes})


def ready_graph(service, **facts):
    model = register(service).json()["id"]
    service.checked({"format": "onnx", "classes": 10, "image_size": 24, **facts})
    return model


def taught_by(model, **teacher):
    return document(teacher={"checkpoint": model, **teacher})


def codes(service, given):
    answer = service.post("/v1/jobs", given)
    assert answer.status_code == 422
    assert answer.json()["errors"] == service.post("/v1/jobs/validate", given).json()["errors"]
    return {error["pointer"]: error["code"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("filename", ["teacher.onnx", "Teacher.ONNX"])
def test_a_graph_is_registered_by_its_name(service, filename):
    answer = register(service, filename, image_size=64)

    assert answer.status_code == 202
    assert answer.json()["architecture"] is None
    check = service.next_check()
    assert (filename, {"image_size": 64}) == (check.filename, check.declared)


@pytest.mark.parametrize(
    ("filename", "changes", "code"),
    [
        ("teacher.onnx", {"architecture": "resnet18"}, "only_for_weights"),
        ("teacher.safetensors", {}, "missing_key"),
        ("onnx", {}, "missing_key"),
    ],
)
def test_weights_have_an_architecture_and_a_graph_has_none(service, filename, changes, code):
    answer = register(service, filename, **changes)
    (error,) = answer.json()["errors"]

    assert answer.status_code == 422
    assert ("/architecture", code) == (error["pointer"], error["code"])
    assert [] == service.get("/v1/models").json()["data"]


def test_it_teaches_a_job_with_its_scale_beside_it(service):
    given = taught_by(ready_graph(service), **SCALE)
    validated = service.post("/v1/jobs/validate", given).json()

    assert (True, "full") == (validated["valid"], validated["checked"])
    assert service.post("/v1/jobs", given).status_code == 202


@pytest.mark.parametrize(
    ("teacher", "changes", "pointer", "code"),
    [
        ({"std": [1, 1, 1]}, {}, "/teacher/mean", "missing_key"),
        ({"mean": [0, 0, 0]}, {}, "/teacher/std", "missing_key"),
        (
            SCALE | {"architecture": "resnet18"},
            {},
            "/teacher/architecture",
            "only_for_weights",
        ),
        (
            SCALE,
            {"recipe": {"teacher_precision": "int8"}},
            "/recipe/teacher_precision",
            "only_for_weights",
        ),
    ],
)
def test_what_a_graph_in_a_file_is_refused_for_it_is_refused_for(
    service, teacher, changes, pointer, code
):
    given = taught_by(ready_graph(service), **teacher) | changes

    assert {pointer: code} == codes(service, given)


def test_one_of_several_has_its_problems_at_its_place(service):
    weights = {"checkpoint": service.ready_model()}
    graph = {"checkpoint": ready_graph(service), "std": [1, 1, 1]}
    given = document(teacher=None, teachers=[weights, graph])

    assert {"/teachers/1/mean": "missing_key"} == codes(service, given)


def test_other_classes_are_refused(service):
    given = taught_by(ready_graph(service, classes=3), **SCALE)

    assert {"/teacher/checkpoint": "classes_differ"} == codes(service, given)


def test_a_graph_for_one_side_is_shown_that_side(service):
    graph = ready_graph(service, fixed_image_size=True)
    given = taught_by(graph, **SCALE, image_size=32)

    assert service.post("/v1/jobs", taught_by(graph, **SCALE)).status_code == 202
    assert {"/teacher/image_size": "image_size_differs"} == codes(service, given)
