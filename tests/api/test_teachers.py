"""Teachers at submission: several of them, students of other jobs, classes by name."""

from datetime import timedelta

import pytest

from stillhouse.store.artifacts import CONFIG, MODEL
from stillhouse.store.tables import ArtifactRow, JobInputRow
from tests.support.api import OTHER
from tests.support.service import document

JOB = "job_" + "0" * 26
DIGITS = [str(digit) for digit in range(10)]
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
CARD = {
    "architecture": "resnet18",
    "num_classes": 10,
    "label_names": DIGITS,
    "pretrained_cfg": {"input_size": [3, 24, 24], "mean": [0.5] * 3, "std": [0.25] * 3},
}


def taught_by(checkpoint, **teacher):
    return document(teacher={"checkpoint": checkpoint, **teacher})


def together(*teachers):
    return document(teacher=None, teachers=list(teachers))


def refusal(service, given):
    answer = service.post("/v1/jobs", given)
    assert answer.status_code == 422
    assert answer.json()["errors"] == service.post("/v1/jobs/validate", given).json()["errors"]
    return {error["pointer"]: error for error in answer.json()["errors"]}


def codes(service, given):
    return {pointer: error["code"] for pointer, error in refusal(service, given).items()}


def warned(service, given):
    answer = service.post("/v1/jobs/validate", given).json()
    assert answer["errors"] == []
    return [(warning["pointer"], warning["code"]) for warning in answer["warnings"]]


class TestStudentsOfJobs:
    """`job:job_...`: what one job shipped teaches the student of another."""

    def test_what_is_known_of_it_need_not_be_said_again(self, service):
        given = taught_by(f"job:{service.finished(CARD)}")
        answer = service.post("/v1/jobs/validate", given).json()

        assert (answer["valid"], answer["checked"], answer["warnings"]) == (True, "full", [])
        assert service.post("/v1/jobs", given).status_code == 202

    def test_a_job_that_nobody_knows_is_refused(self, service):
        found = refusal(service, taught_by(f"job:{JOB}"))["/teacher/checkpoint"]

        assert (found["code"], found["message"]) == ("unknown_job", f"there is no job {JOB}")

    def test_the_job_of_somebody_else_is_not_there(self, service):
        service.new_key(OTHER)
        theirs = service.finished(CARD, tenant=OTHER)
        found = refusal(service, taught_by(f"job:{theirs}"))["/teacher/checkpoint"]

        assert (found["code"], found["message"]) == ("unknown_job", f"there is no job {theirs}")

    def test_a_job_that_is_not_over_has_no_student_yet(self, service):
        job = service.world.submit()
        found = refusal(service, taught_by(f"job:{job.id}"))["/teacher/checkpoint"]

        assert found["code"] == "not_ready"
        assert f"the job {job.id} is queued" in found["message"]
        assert "wait" in found["hint"]

    def test_a_job_that_ended_otherwise_never_has_one(self, service):
        job = service.world.submit()
        service.post(f"/v1/jobs/{job.id}/cancel")
        found = refusal(service, taught_by(f"job:{job.id}"))["/teacher/checkpoint"]

        assert (found["code"], found["hint"]) == ("not_ready", "name another job")

    @pytest.mark.parametrize("name", ["", "x", JOB[:-1], f"mdl_{JOB[4:]}"])
    def test_what_is_no_id_is_told_so(self, service, name):
        assert codes(service, taught_by(f"job:{name}")) == {"/teacher/checkpoint": "invalid_id"}

    @pytest.mark.parametrize(
        ("said", "value"),
        [("architecture", "resnet34"), ("mean", [0.4] * 3), ("std", [0.5] * 3), ("image_size", 32)],
    )
    def test_what_it_contradicts_is_refused_at_its_place(self, service, said, value):
        given = taught_by(f"job:{service.finished(CARD)}", **{said: value})

        assert codes(service, given) == {f"/teacher/{said}": f"{said}_differs"}

    def test_other_classes_are_refused_with_what_differs(self, service):
        card = CARD | {"num_classes": 12, "label_names": [*DIGITS[1:], "x", "y", "z"]}
        found = refusal(service, taught_by(f"job:{service.finished(card)}"))

        assert found["/teacher/class_map"]["code"] == "classes_differ"
        assert "lacks 1 of them: '0'" in found["/teacher/class_map"]["message"]

    def test_without_names_the_classes_are_counted(self, service):
        card = CARD | {"num_classes": 12, "label_names": []}

        assert codes(service, taught_by(f"job:{service.finished(card)}")) == {
            "/teacher/checkpoint": "classes_differ"
        }

    @pytest.mark.parametrize("card", [{}, [], {"architecture": "none"}])
    def test_a_student_that_does_not_say_what_it_is_is_refused(self, service, card):
        assert codes(service, taught_by(f"job:{service.finished(card)}")) == {
            "/teacher/checkpoint": "config_unreadable"
        }

    def test_its_files_stay_while_a_job_needs_them(self, service):
        job = service.finished(CARD)
        taught = service.post("/v1/jobs", taught_by(f"job:{job}")).json()["id"]
        with service.work() as uow:
            held = uow._session.get_one(JobInputRow, (taught, "/teacher/checkpoint"))
            files = {row.name: row for row in uow._session.query(ArtifactRow)}
            idle = uow.blobs.unreferenced(timedelta(seconds=-1))

        assert held.object_id == job
        assert not {files[MODEL].blob_sha256, files[CONFIG].blob_sha256} & set(idle)


class TestClasses:
    """Names decide, where both sides have them."""

    def test_another_order_is_a_warning(self, service):
        given = taught_by(service.ready_model(), class_names=DIGITS[::-1])

        assert warned(service, given) == [("/teacher", "classes_reordered")]
        assert service.post("/v1/jobs", given).status_code == 202

    def test_names_on_one_side_alone_are_a_warning(self, service):
        given = taught_by(service.ready_model(), class_names=WORDS)

        assert warned(service, given) == [("/teacher", "classes_by_place")]

    def test_a_teacher_of_more_classes_is_narrowed_by_a_map(self, service):
        model = service.ready_model(classes=11)
        named = {"class_names": [*WORDS, "ten"]}
        pairs = {"class_map": dict(zip(DIGITS, WORDS, strict=True))}

        assert codes(service, taught_by(model, **named)) == {"/teacher/class_map": "classes_differ"}
        assert warned(service, taught_by(model, **named, **pairs)) == [
            ("/teacher", "classes_reordered")
        ]

    @pytest.mark.parametrize(
        ("changes", "pointer", "code"),
        [
            ({"class_map": {"0": "0"}}, "/teacher/class_map", "classes_unnamed"),
            ({"class_names": WORDS[:9]}, "/teacher/class_names", "class_count_differs"),
            (
                {"class_names": WORDS, "class_map": {"0": "zro"}},
                "/teacher/class_map/0",
                "unknown_class",
            ),
        ],
    )
    def test_what_is_not_clear_is_refused_at_its_place(self, service, changes, pointer, code):
        assert codes(service, taught_by(service.ready_model(), **changes)) == {pointer: code}

    def test_data_without_names_has_no_use_for_a_map(self, service):
        given = taught_by(service.ready_model(), class_names=WORDS, class_map={"a": "one"})
        given["data"] = {
            "dataset": service.ready_dataset(labelled=False, classes=None),
            "unlabelled": True,
        }
        given["loss"] = [{"kind": "kd"}]

        assert codes(service, given) == {"/teacher/class_map": "classes_unnamed"}

    def test_the_names_of_a_data_set_are_those_that_its_check_found(self, service):
        dataset = service.ready_dataset(class_names=WORDS)
        given = taught_by(service.ready_model(), class_names=WORDS[::-1])
        given["data"] = {"dataset": dataset}

        assert warned(service, given) == [("/teacher", "classes_reordered")]


class TestSeveral:
    """Each of several is looked up and held against what is known, at its own place."""

    def test_all_of_them_are_held(self, service):
        models = [service.ready_model(), f"job:{service.finished(CARD)}"]
        given = together(*({"checkpoint": model} for model in models))
        answer = service.post("/v1/jobs", given)

        assert answer.status_code == 202
        refused = service.delete(f"/v1/models/{models[0]}")
        assert refused.json()["jobs"] == [answer.json()["id"]]

    def test_each_has_its_own_problems(self, service):
        fits, other = service.ready_model(), service.ready_model(classes=3)
        given = together(
            {"checkpoint": fits, "architecture": "resnet34"},
            {"checkpoint": other, "architecture": "resnet18"},
            {"checkpoint": "file:/srv/a.safetensors", "architecture": "resnet18"},
            {"checkpoint": "mdl_" + "0" * 26},
        )

        assert codes(service, given) == {
            "/teachers/0/architecture": "architecture_differs",
            "/teachers/1/checkpoint": "classes_differ",
            "/teachers/2/checkpoint": "file_not_allowed",
            "/teachers/3/checkpoint": "unknown_model",
        }

    def test_each_has_its_own_warnings(self, service):
        wrapped = service.ready_model(warnings=["the weights were read from model_ema"])
        sized = service.ready_model(image_size=224, fixed_image_size=True)
        given = together({"checkpoint": wrapped}, {"checkpoint": sized, "image_size": 224})

        assert warned(service, given) == [("/teachers/0/checkpoint", "checkpoint_unwrapped")]
        assert codes(service, together({"checkpoint": wrapped}, {"checkpoint": sized})) == {
            "/teachers/1/image_size": "image_size_differs"
        }

    def test_one_or_several(self, service):
        model = service.ready_model()
        given = together({"checkpoint": model}, {"checkpoint": model})
        given["teacher"] = {"checkpoint": model}

        assert codes(service, given) == {"/teachers": "invalid"}
