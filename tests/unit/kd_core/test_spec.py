"""The specification: what it offers, how it answers a mistake, and what is the same science."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.errors import SpecInvalid
from kd_core.spec import DistillSpec, parse_spec, read_spec

TEACHER = {"architecture": "resnet18", "checkpoint": "file:teacher.safetensors"}


def document(**changes):
    given = {
        "teacher": TEACHER,
        "student": {"architecture": "resnet10t"},
        "data": {"dataset": "digits"},
        "loss": "kd",
    }
    return {key: value for key, value in (given | changes).items() if value is not None}


def problems(**changes):
    with pytest.raises(SpecInvalid) as caught:
        parse_spec(document(**changes))
    return {problem.pointer: problem for problem in caught.value.problems}


REFUSED = [
    ({"sweep": []}, "/sweep", "unknown_key"),
    ({"loss": "pdl"}, "/loss", "unknown_loss"),
    ({"loss": []}, "/loss", "out_of_range"),
    ({"loss": 3}, "/loss", "wrong_type"),
    ({"loss": [{"kind": "kdd"}]}, "/loss/0/kind", "unknown_kind"),
    ({"loss": [{"kind": "ce"}, {"weight": 1.0}]}, "/loss/1/kind", "missing_key"),
    ({"loss": [{"kind": "kd", "temperature": "4"}]}, "/loss/0/temperature", "wrong_type"),
    ({"loss": [{"kind": "kd", "temperature": 0}]}, "/loss/0/temperature", "out_of_range"),
    (
        {"loss": [{"kind": "kd", "temperature": float("nan")}]},
        "/loss/0/temperature",
        "out_of_range",
    ),
    ({"loss": [{"kind": "kd", "kd": 1}]}, "/loss/0/kd", "unknown_key"),
    ({"loss": [{"kind": "dkd", "a/b~c": 1}]}, "/loss/0/a~1b~0c", "unknown_key"),
    ({"loss": [{"kind": "kd", "direction": "sj"}]}, "/loss/0/direction", "not_one_of"),
    ({"loss": [{"kind": "kd", "weight": 0}]}, "/loss/0/weight", "out_of_range"),
    ({"loss": "dist", "recipe": {"accumulate": 2}}, "/recipe/accumulate", "loss_needs_whole_batch"),
    (
        {"loss": "pld", "recipe": {"label_smoothing": 0.1}},
        "/recipe/label_smoothing",
        "nothing_to_smooth",
    ),
    ({"recipe": {"early_stopping": {}}}, "/recipe/early_stopping/patience", "missing_key"),
    ({"student": {"architecture": "resnt18"}}, "/student/architecture", "unknown_architecture"),
    ({"student": {}}, "/student/architecture", "missing_key"),
    ({"student": 3}, "/student", "wrong_type"),
    ({"teacher": None}, "/teacher", "missing_key"),
    ({"teacher": {"architecture": "resnet18"}}, "/teacher", "invalid"),
    ({"teacher": TEACHER | {"recipe": {}}}, "/teacher", "invalid"),
    ({"teacher": TEACHER | {"mean": [0.5, 0.5]}}, "/teacher/mean", "out_of_range"),
    ({"data": {"dataset": "cifar"}}, "/data/dataset", "unknown_data_set"),
    ({"data": {"dataset": "s3://bucket/data"}}, "/data/dataset", "not_a_source"),
    ({"data": {"dataset": "file:"}}, "/data/dataset", "not_a_source"),
    ({"data": {"dataset": "digits", "image_size": 4}}, "/data/image_size", "out_of_range"),
    ({"data": {"dataset": "digits", "unlabelled": True}}, "/loss/0/kind", "loss_needs_labels"),
    ({"recipe": {"epochs": "6"}}, "/recipe/epochs", "wrong_type"),
    ({"recipe": {"epochs": 2.5}}, "/recipe/epochs", "wrong_type"),
    ({"recipe": {"epochs": True}}, "/recipe/epochs", "wrong_type"),
    ({"recipe": {"preset": "fast"}}, "/recipe/preset", "unknown_preset"),
    ({"recipe": {"optimizer": {"kind": "adam"}}}, "/recipe/optimizer/kind", "unknown_kind"),
    (
        {"recipe": {"optimizer": {"kind": "sgd", "beta1": 1}}},
        "/recipe/optimizer/beta1",
        "unknown_key",
    ),
    ({"recipe": {"seeds": []}}, "/recipe/seeds", "out_of_range"),
    (
        {"recipe": {"schedule": {"kind": "step", "milestones": [3, 2]}}},
        "/recipe/schedule",
        "invalid",
    ),
    (
        {"recipe": {"epochs": 4, "schedule": {"kind": "step", "milestones": [9]}}},
        "/recipe",
        "invalid",
    ),
    ({"recipe": {"epochs": 2, "schedule": {"warmup_epochs": 2}}}, "/recipe", "invalid"),
    (
        {"recipe": {"epochs": 9, "schedule": {"warmup_epochs": 2, "epochs": 2}}},
        "/recipe",
        "invalid",
    ),
    (
        {"recipe": {"epochs": 9, "schedule": {"kind": "step", "milestones": [5], "epochs": 5}}},
        "/recipe",
        "invalid",
    ),
    ({"recipe": {"schedule": {"epochs": 0}}}, "/recipe/schedule/epochs", "out_of_range"),
    (
        {"recipe": {"mix": {"kind": "mixup"}}, "loss": [{"kind": "ce"}, {"kind": "dkd"}]},
        "/loss/1/kind",
        "loss_needs_hard_labels",
    ),
    ({"recipe": {"mix": {"kind": "blend"}}}, "/recipe/mix/kind", "not_one_of"),
    ({"loss": [{"kind": "gdkd", "k": 10}]}, "/loss/0/k", "too_few_classes"),
    ({"loss": [{"kind": "gdkd", "k": 0}]}, "/loss/0/k", "out_of_range"),
    (
        {"teacher": {"architecture": "resnet18", "recipe": {"amp": "bf16"}}},
        "/teacher/recipe/amp",
        "only_for_students",
    ),
    (
        {"teacher": {"architecture": "resnet18", "recipe": {"teacher_cache": {}}}},
        "/teacher/recipe/teacher_cache",
        "only_for_students",
    ),
    (
        {"teacher": {"architecture": "resnet18", "recipe": {"seeds": [0, 1]}}},
        "/teacher/recipe/seeds",
        "only_for_students",
    ),
    (
        {"teacher": None, "loss": "ce", "recipe": {"teacher_cache": {}}},
        "/recipe/teacher_cache",
        "no_teacher",
    ),
    (
        {"teacher": None, "loss": "ce", "recipe": {"teacher_precision": "bf16"}},
        "/recipe/teacher_precision",
        "no_teacher",
    ),
    ({"loss": [{"kind": "kd", "warmup_epochs": -1}]}, "/loss/0/warmup_epochs", "out_of_range"),
    ({"loss": [{"kind": "kd", "decay": {}}]}, "/loss/0/decay/epochs", "missing_key"),
    ({"resources": {"device": "tpu"}}, "/resources/device", "not_one_of"),
    ({"exports": [{"format": "tflite"}]}, "/exports/0/format", "not_one_of"),
    ({"exports": [{"format": "onnx"}] * 2}, "/exports/1/format", "stands_twice"),
    ({"exports": [{"format": "onnx", "required": 1}]}, "/exports/0/required", "wrong_type"),
    (
        {"exports": [{"format": "safetensors", "required": False}]},
        "/exports/0/required",
        "always_required",
    ),
    ({"exports": []}, "/exports", "out_of_range"),
    ({"exports": "onnx"}, "/exports", "wrong_type"),
    ({"task": "segmentation"}, "/task", "not_one_of"),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), REFUSED)
def test_a_mistake_is_answered_at_its_place(changes, pointer, code):
    found = problems(**changes)

    assert {pointer: code} == {place: problem.code for place, problem in found.items()}


def test_every_mistake_is_answered_at_once():
    found = problems(sweep=[], student={"architecture": "resnt18"}, recipe={"epochs": "6"})

    assert {"/sweep", "/student/architecture", "/recipe/epochs"} == set(found)


def test_a_number_or_a_name_is_one_mistake_where_it_is_neither():
    out_of_range = problems(loss=[{"kind": "gdkd", "k": 0}])["/loss/0/k"]
    no_name = problems(loss=[{"kind": "gdkd", "k": "automatic"}])["/loss/0/k"]

    assert out_of_range.message == "should be greater than or equal to 1; got 0"
    assert no_name.message == "must be an integer or auto; got 'automatic'"
    assert no_name.hint == "did you mean auto? known: auto"


def test_an_unknown_architecture_is_answered_with_the_closest_names():
    assert "resnet18" in problems(student={"architecture": "resnt18"})["/student/architecture"].hint


def test_a_tagged_architecture_is_answered_with_its_bare_name():
    hint = problems(student={"architecture": "resnet18.a1_in1k"})["/student/architecture"].hint

    assert hint == "closest: resnet18"


def test_an_unknown_key_is_answered_with_the_keys_of_its_own_kind():
    hint = problems(loss=[{"kind": "dkd", "bta": 3}])["/loss/0/bta"].hint

    assert "did you mean beta?" in hint
    assert "t2" not in hint  # that is kd's


def test_a_wrong_value_is_shown_with_what_the_key_means():
    problem = problems(recipe={"ema": 2})["/recipe/ema"]

    assert "got 2" in problem.message
    assert "moving average" in problem.hint


def test_the_weights_are_shipped_named_or_not_and_move_no_other_place():
    named = parse_spec(document(exports=[{"format": "safetensors"}, {"format": "onnx"}]))
    unnamed = parse_spec(document(exports=[{"format": "onnx", "required": True}]))

    assert [
        {"format": "safetensors", "required": True},
        {"format": "onnx", "required": False},
    ] == named.resolved()["exports"]
    assert [
        {"format": "onnx", "required": True},
        {"format": "safetensors", "required": True},
    ] == unnamed.resolved()["exports"]


def test_the_resolved_document_is_its_own_specification():
    spec = parse_spec(document(recipe={"preset": "quick"}))

    assert spec == parse_spec(spec.resolved())


def test_a_bare_loss_is_the_sum_of_its_paper():
    terms = parse_spec(document(loss="kd")).resolved()["loss"]

    assert [("ce", 0.1), ("kd", 0.9)] == [(term["kind"], term["weight"]) for term in terms]


def test_one_term_may_stand_without_its_list():
    assert parse_spec(document(loss={"kind": "kd"})) == parse_spec(document(loss=[{"kind": "kd"}]))


def test_labels_are_smoothed_where_a_term_does_not_say_itself():
    loss = [{"kind": "ce"}, {"kind": "ce", "label_smoothing": 0.3}, {"kind": "kd"}]
    spec = parse_spec(document(loss=loss, recipe={"label_smoothing": 0.1}))

    assert [0.1, 0.3] == [term.label_smoothing for term in spec.terms[:2]]
    assert spec.terms[2] == spec.loss[2]
    assert parse_spec(document(loss=loss)).terms == parse_spec(document(loss=loss)).loss


def test_the_fingerprint_ignores_spelling_and_names():
    plain = parse_spec(document())
    spelt_out = parse_spec(document(name="another", recipe={"epochs": 60, "clip": None}))
    reordered = parse_spec(dict(reversed(document().items())))

    assert {plain.fingerprint} == {spelt_out.fingerprint, reordered.fingerprint}


def test_the_fingerprint_sees_every_value_of_the_science():
    changed = parse_spec(document(recipe={"seeds": [1]}))

    assert parse_spec(document()).fingerprint != changed.fingerprint


def test_the_canonical_form_is_one_line_of_sorted_json():
    text = parse_spec(document()).canonical_json()

    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_a_preset_fills_in_what_is_not_written():
    recipe = parse_spec(document(recipe={"preset": "quick", "optimizer": {"lr": 0.5}})).recipe

    assert (recipe.optimizer.kind, recipe.optimizer.lr, recipe.epochs) == ("adamw", 0.5, 8)


def test_another_kind_than_the_presets_brings_its_own_defaults():
    recipe = parse_spec(document(recipe={"preset": "quick", "optimizer": {"kind": "sgd"}})).recipe

    assert recipe.optimizer.model_dump() == {
        "kind": "sgd",
        "lr": 0.05,
        "momentum": 0.9,
        "nesterov": False,
        "weight_decay": 5e-4,
    }


def test_every_key_of_the_schema_says_what_it_is_for():
    schema = DistillSpec.model_json_schema()
    sections = schema["$defs"] | {"document": schema}
    silent = [
        f"{name}.{key}"
        for name, section in sections.items()
        for key, value in section.get("properties", {}).items()
        if key not in ("kind", "format") and "description" not in value
    ]

    assert silent == []


# Each line is a list of ten times the line before: a million values in a few bytes.
UNFOLDING = "k0: &a0 [0]\n" + "\n".join(
    f"k{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 7)
)


def write(tmp_path, text):
    path = tmp_path / "job.yaml"
    path.write_text(text)
    return path


YAML = """
teacher: {architecture: resnet18, checkpoint: "file:t.safetensors"}
student: {architecture: resnet10t}
data: {dataset: digits}
loss: kd
"""


def test_scientific_notation_without_a_dot_is_a_number(tmp_path):
    spec = read_spec(write(tmp_path, YAML + "recipe: {optimizer: {kind: sgd, lr: 1e-3}}"))

    assert spec.recipe.optimizer.lr == 0.001


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (YAML + "loss: pld", "'loss' stands twice (line 6"),
        ("a: [1", "not YAML"),
        ("\x00", "not YAML"),
        ("name: !!int ''", "not YAML"),
        ("name: !!float abc", "not YAML"),
        ("name: !!timestamp x", "not YAML"),
        ("name: " + "9" * 5000, "not YAML"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("- 1", "must be a mapping"),
        ("", "must be a mapping"),
        ("{1: 2}", "a key must be a text"),
        ("a: !!python/object/apply:os.system [ls]", "not YAML"),
        (UNFOLDING, "unfolds into more than"),
        ("a: " + "[" * 5000, "not YAML"),
        ("x" * 1_000_001, "larger than"),
    ],
)
def test_text_that_is_no_document_is_refused_in_words(tmp_path, text, words):
    with pytest.raises(SpecInvalid) as caught:
        read_spec(write(tmp_path, text))

    assert words in str(caught.value)


def test_dates_are_texts(tmp_path):
    assert read_spec(write(tmp_path, YAML + "name: 2024-99-99")).name == "2024-99-99"


def test_parts_of_a_document_may_be_merged(tmp_path):
    merged = YAML + "recipe: {optimizer: &o {kind: sgd, lr: 1}, preset: quick}\n"
    spec = read_spec(write(tmp_path, merged.replace("sgd, lr: 1}", "sgd, <<: {lr: 0.5}}")))

    assert spec.recipe.optimizer.lr == 0.5


def test_json_is_read_as_json(tmp_path):
    text = json.dumps(document(name="\u00e9t\u00e9 \U0001f600"), indent="\t")

    assert read_spec(write(tmp_path, text)).name == "\u00e9t\u00e9 \U0001f600"


def test_what_never_ends_is_not_read():
    with pytest.raises(SpecInvalid, match="this is no file"):
        read_spec(Path("/dev/zero"))


def test_a_key_of_another_kind_than_the_presets_is_told_from_it():
    hint = problems(recipe={"optimizer": {"lr": 0.1, "beta1": 0.3}})["/recipe/optimizer/beta1"].hint

    assert "known: kind, lr, momentum, nesterov, weight_decay" in hint


@pytest.mark.parametrize("name", ["hf_hub:timm/resnet18.a1_in1k", "timm/resnet18", "hub:resnet18"])
def test_a_hub_name_is_answered_with_the_bare_one(name):
    assert problems(student={"architecture": name})["/student/architecture"].hint == (
        "closest: resnet18"
    )


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SpecInvalid, match=r"none\.yaml"):
        read_spec(tmp_path / "none.yaml")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "loss", "architecture", "kd", "x"]), inner)
    ),
    max_leaves=8,
)


@given(key=st.sampled_from(list(DistillSpec.model_fields)), value=JSON_VALUES)
def test_any_value_anywhere_is_accepted_or_refused_under_its_key(key, value):
    try:
        parse_spec(document() | {key: value})
    except SpecInvalid as refused:
        assert all(problem.message and problem.code for problem in refused.problems)
        assert all(
            (p.pointer or "").startswith(("/" + key, "/loss", "/teacher")) for p in refused.problems
        )
