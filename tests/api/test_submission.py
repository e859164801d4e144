"""What cannot work is refused before it is queued, at the place where it is wrong."""

import json

import pytest

from stillhouse.runtime.settings import Settings
from tests.support.service import document

MODEL = "mdl_" + "0" * 26
DATASET = "ds_" + "0" * 26
TOP1 = {"metric": "top1", "op": ">=", "value": 0.9}


def found(answer):
    """The refusal of a submission; `validate` must say the same."""
    assert answer.status_code == 422
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def refusal(service, given):
    submitted = service.post("/v1/jobs", given)
    validated = service.post("/v1/jobs/validate", given).json()
    assert validated["errors"] == submitted.json()["errors"]
    assert validated["valid"] is False
    return found(submitted)


def with_teacher(model, **changes):
    return document(teacher={"architecture": "resnet18", "checkpoint": model}, **changes)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"owner": "me"}, "/owner", "unknown_key"),
        ({"student": {"architecture": "resnet10t", "archtecture": 1}}, None, "unknown_key"),
        ({"student": {"architecture": "resnet_ten"}}, None, "unknown_architecture"),
        ({"student": {"architecture": 18}}, "/student/architecture", "wrong_type"),
        ({"loss": "kdd"}, "/loss", "unknown_loss"),
        ({"loss": [{"kind": "kd", "temperature": 0}]}, "/loss/0/temperature", "out_of_range"),
        ({"loss": [{"kind": "dkdd"}]}, "/loss/0/kind", "unknown_kind"),
        ({"loss": []}, "/loss", "out_of_range"),
        ({"recipe": {"epochs": "ten"}}, "/recipe/epochs", "wrong_type"),
        ({"data": {"dataset": "imagenet"}}, "/data/dataset", "unknown_data_set"),
        ({"data": {"dataset": "hub:x/y"}}, "/data/dataset", "not_a_source"),
        ({"data": {"dataset": f"{DATASET}@1"}}, "/data/dataset", "unknown_data_set"),
        ({"data": {"dataset": DATASET}}, "/data/dataset", "invalid_id"),
        ({"data": {"dataset": "digits", "unlabelled": True}}, "/loss/0/kind", "loss_needs_labels"),
        ({"teacher": None}, "/teacher", "missing_key"),
        ({"teacher": {"architecture": "resnet18"}}, "/teacher", "invalid"),
        ({"name": "nul\0"}, "/name", "unprintable"),
        ({"exports": [{"format": "tflite"}]}, "/exports/0/format", "not_one_of"),
        ({"gates": [{**TOP1, "metric": "top2"}]}, "/gates/0/metric", "unknown_metric"),
        ({"gates": [{**TOP1, "of": "onnx_int8"}]}, "/gates/0/of", "not_measured"),
        ({"gates": [{**TOP1, "value": 92}]}, "/gates/0/value", "out_of_range"),
        ({"webhook": {"url": "https://x"}}, "/webhook", "unknown_key"),
        ({"limits": {"queue_ttl_s": 10**30}}, "/limits/queue_ttl_s", "out_of_range"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_wrong_document_is_refused_with_an_exact_pointer(service, changes, pointer, code):
    pointers = refusal(service, document(**changes))

    assert (pointer or "/student/arch", code) in [
        (where if pointer else where[:13], what) for where, what in pointers
    ]


@pytest.mark.usefixtures("unchanged")
def test_every_problem_is_told_at_once(service):
    given = document(owner="me", priority="urgent", recipe={"epochs": 0})

    pointers = {pointer for pointer, _ in refusal(service, given)}
    assert pointers == {"/owner", "/priority", "/recipe/epochs"}


def test_an_architecture_that_nobody_knows_is_told_the_nearest(service):
    answer = service.post("/v1/jobs", document(student={"architecture": "resnet10tt"}))

    assert "resnet10t" in answer.json()["errors"][0]["hint"]


def test_inputs_must_be_there_and_ready(service):
    waiting = service.new_model()
    given = with_teacher(waiting, data={"dataset": f"{DATASET}@1"})

    assert refusal(service, given) == [
        ("/teacher/checkpoint", "not_ready"),
        ("/data/dataset", "unknown_data_set"),
    ]


def test_a_job_of_registered_inputs_is_accepted_and_holds_them(service):
    model, data = service.ready_model(), service.ready_dataset()
    answer = service.post("/v1/jobs", with_teacher(model, data={"dataset": data}))

    assert answer.status_code == 202
    refused = service.delete(f"/v1/models/{model}")
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert refused.json()["jobs"] == [answer.json()["id"]]
    assert service.delete(f"/v1/datasets/{data.partition('@')[0]}").status_code == 409


def test_the_architecture_of_the_teacher_is_that_of_its_model(service):
    model = service.ready_model(architecture="resnet34")

    assert refusal(service, with_teacher(model)) == [
        ("/teacher/architecture", "architecture_differs")
    ]


def test_a_teacher_of_one_size_is_given_images_of_that_size(service):
    model = service.ready_model(image_size=224, fixed_image_size=True)
    given = with_teacher(model)
    refused = service.post("/v1/jobs", given)
    given["teacher"]["image_size"] = 224

    assert found(refused) == [("/teacher/image_size", "image_size_differs")]
    assert "teacher.image_size: 224" in refused.json()["errors"][0]["hint"]
    assert service.post("/v1/jobs", given).status_code == 202


def test_what_a_teacher_was_wrapped_in_is_a_warning(service):
    model = service.ready_model(warnings=["the weights were read from model_ema"])
    told = service.post("/v1/jobs/validate", with_teacher(model)).json()["warnings"]

    assert [("checkpoint_unwrapped", "/teacher/checkpoint")] == [
        (warning["code"], warning["pointer"]) for warning in told
    ]


def test_a_teacher_of_any_size_is_given_the_data_s(service):
    model = service.ready_model(image_size=224, fixed_image_size=False)

    assert service.post("/v1/jobs", with_teacher(model)).status_code == 202


@pytest.mark.parametrize("classes", [2, 1000])
def test_teacher_and_data_have_the_same_number_of_classes(service, classes):
    model = service.ready_model(classes=classes)
    answer = service.post("/v1/jobs", with_teacher(model))

    assert found(answer) == [("/teacher/checkpoint", "classes_differ")]
    assert f"{classes} classes and digits has 10" in answer.json()["detail"]


def test_class_names_are_as_many_as_there_are_classes(service):
    data = {"dataset": service.ready_dataset(), "class_names": ["cat", "dog"]}

    assert refusal(service, document(data=data)) == [("/data/class_names", "class_count_differs")]


def test_a_loss_that_needs_labels_is_refused_for_data_without(service):
    model = service.ready_model()
    data = {"dataset": service.ready_dataset(labelled=False, classes=None)}

    assert refusal(service, with_teacher(model, data=data)) == [
        ("/loss/0/kind", "loss_needs_labels")
    ]
    alone = with_teacher(model, data=data, loss=[{"kind": "kd"}])
    assert refusal(service, alone) == [("/data/unlabelled", "labels_missing")]
    said = with_teacher(model, data={**data, "unlabelled": True}, loss=[{"kind": "kd"}])
    assert service.post("/v1/jobs", said).status_code == 202


def test_plistmle_is_refused_for_more_classes_than_it_can_weigh(service):
    data = {"dataset": service.ready_dataset(classes=101)}
    loss = [{"kind": "ce"}, {"kind": "pld", "weights": "plistmle"}]

    assert refusal(service, document(data=data, loss=loss)) == [
        ("/loss/1/weights", "too_many_classes")
    ]


@pytest.mark.usefixtures("unchanged")
def test_what_would_run_and_is_not_meant_is_a_warning(service):
    beside = document(loss=[{"kind": "pld"}, {"kind": "ce"}])
    unused = document(loss="ce")

    def warned(given):
        answer = service.post("/v1/jobs/validate", given).json()
        assert (answer["valid"], answer["errors"], answer["checked"]) == (True, [], "full")
        return [(warning["pointer"], warning["code"]) for warning in answer["warnings"]]

    assert warned(beside) == [("/loss/1", "pld_beside_ce")]
    assert warned(unused) == [("/teacher", "teacher_unused")]
    assert warned(document()) == []


def test_what_the_check_of_the_data_saw_is_a_warning_too(service):
    data = {"dataset": service.ready_dataset(warnings=["3 images stand twice"])}
    answer = service.post("/v1/jobs/validate", document(data=data)).json()

    assert [(w["pointer"], w["message"]) for w in answer["warnings"]] == [
        ("/data/dataset", "3 images stand twice")
    ]


@pytest.mark.usefixtures("unchanged")
def test_a_validation_resolves_and_keeps_nothing(service):
    answer = service.post("/v1/jobs/validate", document(loss="kd")).json()

    assert answer["valid"] is True
    assert [term["kind"] for term in answer["resolved"]["loss"]] == ["ce", "kd"]


def test_a_document_that_is_wrong_has_no_resolution(service):
    answer = service.post("/v1/jobs/validate", {"loss": "kd"}).json()

    assert (answer["valid"], answer["resolved"], answer["checked"]) == (False, None, "shallow")


class TestFiles:
    """`file:` sources, which are the server's own files."""

    @pytest.fixture
    def settings(self, settings, tmp_path):
        (tmp_path / "open" / "data").mkdir(parents=True)
        (tmp_path / "secret").mkdir()
        (tmp_path / "open" / "door").symlink_to(tmp_path / "secret")
        (tmp_path / "open" / "loop").symlink_to(tmp_path / "open" / "loop")
        roots = {"data_roots": (tmp_path / "open",)}
        return Settings(**{**settings.model_dump(), **roots})

    def test_a_file_under_a_root_is_accepted_and_not_looked_into(self, service, tmp_path):
        given = document(data={"dataset": f"file:{tmp_path}/open/data"})
        answer = service.post("/v1/jobs/validate", given).json()

        assert (answer["valid"], answer["checked"]) == (True, "shallow")
        assert service.post("/v1/jobs", given).status_code == 202

    @pytest.mark.parametrize(
        "path",
        [
            "{0}/secret",
            "{0}/open/door/x",
            "{0}/open/../secret",
            "{0}/open/loop",
            "/etc",
            "{0}/opened",
        ],
    )
    @pytest.mark.usefixtures("unchanged")
    def test_what_leads_out_of_the_roots_is_refused(self, service, tmp_path, path):
        given = document(data={"dataset": "file:" + path.format(tmp_path)})

        assert refusal(service, given) == [("/data/dataset", "file_not_allowed")]

    @pytest.mark.parametrize("path", ["data", "./data", "~/data", "../open/data"])
    @pytest.mark.usefixtures("unchanged")
    def test_a_relative_path_starts_nowhere(self, service, path):
        given = document(data={"dataset": f"file:{path}"})

        assert refusal(service, given) == [("/data/dataset", "file_not_allowed")]


@pytest.mark.usefixtures("unchanged")
def test_without_roots_every_file_is_refused_with_the_way_out(service):
    teacher = {"architecture": "resnet18", "checkpoint": "file:/srv/teacher.safetensors"}
    student = {"architecture": "resnet10t", "init": "file:/srv/student.safetensors"}
    given = document(teacher=teacher, student=student, data={"dataset": "file:/srv/data"})

    assert refusal(service, given) == [
        ("/teacher/checkpoint", "file_not_allowed"),
        ("/student/init", "file_not_allowed"),
        ("/data/dataset", "file_not_allowed"),
    ]
    hint = service.post("/v1/jobs", given).json()["errors"][0]["hint"]
    assert "upload" in hint
    assert "STILLHOUSE_DATA_ROOTS" in hint


def test_a_gate_is_held_against_the_classes_and_labels_that_were_found(service):
    top5 = [{**TOP1, "metric": "top5"}]
    few = document(data={"dataset": service.ready_dataset(classes=3)}, gates=top5)
    unlabelled = service.ready_dataset(classes=None, labelled=False)
    bare = document(data={"dataset": unlabelled}, loss=[{"kind": "kd"}], gates=[TOP1])
    bare["teacher"] = {"architecture": "resnet18", "checkpoint": service.ready_model()}

    assert ("/gates/0/metric", "too_few_classes") in refusal(service, few)
    assert ("/gates/0/metric", "metric_needs_labels") in refusal(service, bare)


def test_an_integer_may_be_written_as_json_writes_numbers(service):
    told = json.dumps(document(recipe={"epochs": 30}))
    answers = [
        service.call("POST", "/v1/jobs", content=told.replace("30", number))
        for number in ("30", "30.0", "3e1")
    ]

    assert [202] * 3 == [answer.status_code for answer in answers]
    assert len({answer.json()["fingerprint"] for answer in answers}) == 1
    refused = service.call("POST", "/v1/jobs", content=told.replace("30", "30.5"))
    assert refused.json()["errors"][0]["pointer"] == "/recipe/epochs"
