"""A specification on its way to a service: what is no JSON stays here, with its place."""

import pytest

from kd_core.errors import SpecInvalid
from stillhouse.cli.documents import read_changes, read_document, with_way_out
from stillhouse.client import ApiError


@pytest.fixture
def read(tmp_path):
    def reader(text):
        (tmp_path / "job.yaml").write_text(text)
        return read_document(tmp_path / "job.yaml")

    return reader


def problems(read, text):
    with pytest.raises(SpecInvalid) as refused:
        read(text)
    return refused.value.problems


def test_yaml_is_read_by_the_rules_of_the_science(read):
    assert read("recipe: {lr: 1e-3}\nname: x") == {"recipe": {"lr": 0.001}, "name": "x"}


def test_json_is_read(read):
    assert read('{"loss": ["kd", null, true]}') == {"loss": ["kd", None, True]}


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("loss: [1, .nan]", "/loss/1"),
        ("a/b: .inf", "/a~1b"),
        ("name: !!binary aGk=", "/name"),
    ],
)
def test_what_json_cannot_say_is_told_with_its_place(read, text, pointer):
    assert [problem.pointer for problem in problems(read, text)] == [pointer]


@pytest.mark.parametrize("text", ["- 1", "a: 1\na: 2", "a: [", "'"])
def test_what_is_no_document_is_refused(read, text):
    assert problems(read, text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SpecInvalid) as refused:
        read_document(tmp_path / "job.yaml")
    assert refused.value.problems[0].file == str(tmp_path / "job.yaml")


def refusal(pointer):
    entry = {"pointer": pointer, "code": "file_not_allowed", "message": "no", "hint": "ask"}
    return ApiError(422, {"code": "invalid_request", "errors": [entry]})


@pytest.mark.parametrize(
    ("pointer", "spec", "verb"),
    [
        ("/data/dataset", {"data": {"dataset": "file:x"}}, "still data add"),
        ("/teacher/checkpoint", {"teacher": {"checkpoint": "file:x"}}, "still models add"),
        (
            "/teachers/1/checkpoint",
            {"teachers": [{}, {"checkpoint": "file:x"}]},
            "still models add",
        ),
        ("/student/init", {"student": {"init": "file:x"}}, "still models add"),
    ],
)
def test_a_file_that_the_service_refuses_can_be_uploaded(pointer, spec, verb):
    error = with_way_out(refusal(pointer), spec)

    assert verb in error.problems[0].hint
    assert error.problems[0].hint.startswith("ask; ")


@pytest.mark.parametrize("pointer", [None, "", "/teachers/x/checkpoint", "/teachers/1/checkpoint"])
def test_a_place_that_is_not_there_is_left_as_it_is(pointer):
    spec = {"teachers": [{"checkpoint": "file:x"}]}

    assert with_way_out(refusal(pointer), spec).problems[0].hint == "ask"


@pytest.mark.parametrize("spec", [{}, {"data": 1}, {"data": {"dataset": 1}}, {"data": {}}])
def test_any_other_refusal_is_left_as_it_is(spec):
    assert with_way_out(refusal("/data/dataset"), spec).problems[0].hint == "ask"


def test_changes_are_a_patch_of_dotted_keys_over_a_file(tmp_path):
    (tmp_path / "patch.yaml").write_text("recipe: {epochs: 3, lr: 0.1}\nteacher: null")
    settings = ["recipe.epochs=20", "name=a=b", "recipe.augment=null", "recipe.seeds=[1, 2]"]

    assert read_changes(tmp_path / "patch.yaml", settings) == {
        "recipe": {"epochs": 20, "lr": 0.1, "augment": None, "seeds": [1, 2]},
        "teacher": None,
        "name": "a=b",
    }
    assert read_changes(None, ["labels={team: a}"]) == {"labels": {"team": "a"}}


@pytest.mark.parametrize("setting", ["epochs", "=1", "a..b=1", ".a=1", "a=[", "a=.nan"])
def test_a_change_that_is_none_is_refused(setting):
    with pytest.raises(SpecInvalid):
        read_changes(None, [setting])
