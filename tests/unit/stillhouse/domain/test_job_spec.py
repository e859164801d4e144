"""A job is a distillation plus what only a service can do, as strict and with the same pointers."""

import pytest

from kd_core.spec import parse_spec
from stillhouse.domain.errors import Invalid
from stillhouse.domain.job import Priority
from stillhouse.domain.job_spec import JobSpec, parse_dataset_version, parse_job_spec

MODEL = "mdl_06chj90000s00000000000001g"
JOB = "job_06chj90000s00000000000001g"
DATASET = "ds_06chj90000s00000000000001g"


def document(**changes):
    teacher = {"architecture": "resnet18", "recipe": {"preset": "quick"}}
    plain = {"student": {"architecture": "resnet10t"}, "data": {"dataset": "digits"}, "loss": "kd"}
    return {"teacher": teacher, **plain, **changes}


def problem_of(given):
    with pytest.raises(Invalid) as refusal:
        parse_job_spec(given)
    return refusal.value.problems[0]


def test_a_distillation_is_a_job_with_the_defaults_of_the_service():
    spec = parse_job_spec(document())

    assert (spec.project, spec.labels, spec.priority) == ("default", {}, "normal")
    assert (spec.limits.max_runtime_s, spec.limits.queue_ttl_s) == (86_400, 604_800)
    assert (spec.rank, spec.queue) == (Priority.NORMAL, "any")


def test_the_same_science_has_the_same_fingerprint_with_and_without_the_service():
    service = {"labels": {"team": "a"}, "priority": "high", "limits": {"max_runtime_s": 60}}
    job = parse_job_spec(document(name="other", project="shelf", **service))

    assert parse_spec(document()).fingerprint == job.fingerprint
    assert parse_spec(document(loss="pld")).fingerprint != job.fingerprint


def test_registered_models_and_data_sets_are_sources_with_their_pointers():
    given = document(
        teacher={"architecture": "resnet18", "checkpoint": MODEL},
        data={"dataset": f"{DATASET}@3"},
        student={"architecture": "resnet10t", "init": "file:start.safetensors"},
    )
    teacher, student, data = parse_job_spec(given).sources()

    assert (teacher.pointer, teacher.model_id) == ("/teacher/checkpoint", MODEL)
    assert (student.pointer, student.is_file) == ("/student/init", True)
    assert (data.pointer, data.dataset_version) == ("/data/dataset", (DATASET, 3))


def test_the_science_of_a_job_is_a_distillation_with_its_files_in_place():
    given = document(
        teacher={"architecture": "resnet18", "checkpoint": MODEL},
        data={"dataset": f"{DATASET}@3"},
        labels={"team": "a"},
    )
    places = {"/teacher/checkpoint": "file:/w/t.safetensors", "/data/dataset": "file:/w/data"}
    spec = parse_job_spec(given).distillation(places)

    assert not isinstance(spec, JobSpec)
    assert (
        spec.teacher.checkpoint,
        spec.data.dataset,
    ) == ("file:/w/t.safetensors", "file:/w/data")


def test_each_of_several_teachers_is_a_source_at_its_place():
    several = [{"checkpoint": MODEL}, {"checkpoint": f"job:{JOB}", "weight": 2}]
    spec = parse_job_spec(document(teacher=None, teachers=several))
    first, second, _ = spec.sources()

    assert (first.pointer, first.model_id) == ("/teachers/0/checkpoint", MODEL)
    assert (second.pointer, second.job_id) == ("/teachers/1/checkpoint", JOB)
    assert (second.model_id, second.object_id) == (None, JOB)


def test_the_science_of_several_teachers_has_each_file_in_its_place():
    several = [{"checkpoint": MODEL}, {"checkpoint": f"job:{JOB}", "weight": 2}]
    spec = parse_job_spec(document(teacher=None, teachers=several)).distillation(
        {
            "/teachers/0/checkpoint": "file:a.safetensors",
            "/teachers/0/architecture": "resnet18",
            "/teachers/1/checkpoint": "file:b",
        }
    )

    assert [(one.checkpoint, one.architecture, one.weight) for one in spec.teachers] == [
        ("file:a.safetensors", "resnet18", 1.0),
        ("file:b", None, 2.0),
    ]


def test_a_resolved_job_reads_back_as_itself():
    spec = parse_job_spec(document(labels={"team": "a"}))

    assert spec == parse_job_spec(spec.resolved())


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"owner": "me"}, "unknown_key", "/owner"),
        ({"priority": "urgent"}, "not_one_of", "/priority"),
        ({"project": "../x"}, "invalid", "/project"),
        ({"labels": {"a b": "c"}}, "invalid", "/labels/a b"),
        ({"labels": {"a": "c" * 257}}, "out_of_range", "/labels/a"),
        ({"labels": {"a": 1}}, "wrong_type", "/labels/a"),
        ({"labels": {f"k{n}": "v" for n in range(17)}}, "out_of_range", "/labels"),
        ({"limits": {"max_runtime_s": 0}}, "out_of_range", "/limits/max_runtime_s"),
        ({"limits": {"max_runtime_s": 1.5}}, "wrong_type", "/limits/max_runtime_s"),
        ({"name": "two\nlines"}, "unprintable", "/name"),
        ({"name": "nul\0"}, "unprintable", "/name"),
        ({"labels": {"a": "\ud800"}}, "unprintable", "/labels/a"),
        ({"data": {"dataset": f"{DATASET}"}}, "invalid_id", "/data/dataset"),
        ({"data": {"dataset": f"{DATASET}@0"}}, "invalid_id", "/data/dataset"),
        ({"data": {"dataset": f"{DATASET}@{'9' * 5000}"}}, "invalid_id", "/data/dataset"),
        ({"data": {"dataset": "ds_../../etc@1"}}, "invalid_id", "/data/dataset"),
        ({"data": {"dataset": "imagenet"}}, "unknown_data_set", "/data/dataset"),
        ({"data": {"dataset": 7}}, "wrong_type", "/data/dataset"),
        (
            {"teacher": {"architecture": "resnet18", "checkpoint": "mdl_1"}},
            "invalid_id",
            "/teacher/checkpoint",
        ),
        (
            {"teacher": {"architecture": "resnet18", "checkpoint": "/etc/passwd"}},
            "not_a_source",
            "/teacher/checkpoint",
        ),
        (
            {"teacher": {"architecture": "resnet18", "checkpoint": "job:1"}},
            "invalid_id",
            "/teacher/checkpoint",
        ),
        ({"data": {"dataset": f"job:{JOB}"}}, "not_a_source", "/data/dataset"),
        ({"loss": "kdd"}, "unknown_loss", "/loss"),
    ],
)
def test_bad_input_is_refused_with_an_exact_pointer(changes, code, pointer):
    problem = problem_of(document(**changes))

    assert (code, pointer) == (problem.code, problem.pointer)


@pytest.mark.parametrize("given", [None, [], "job", 3])
def test_what_is_no_mapping_is_no_job(given):
    assert problem_of(given).code == "wrong_type"


def test_a_version_reads_as_written():
    assert parse_dataset_version(f"{DATASET}@12") == (DATASET, 12)
