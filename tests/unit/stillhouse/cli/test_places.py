"""A mistake in a specification is said with the line of the user's own file."""

import json

import pytest

from kd_core.errors import KdError, Problem, SpecInvalid
from stillhouse.cli.main import answer
from stillhouse.cli.places import Places, pointing_into

SPEC = """\
# What the shelves need.
name: shelves
student: &net
  architecture: resnet18
loss:
  - {kind: ce}
  - kind: kd
    temperature: -3
"a/b~c":
  - - deep
other: *net
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC)
    return path


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 2),
        ("/name", 2),
        ("/student/architecture", 4),
        ("/loss/0/kind", 6),
        ("/loss/1", 7),
        ("/loss/1/temperature", 8),
        ("/loss/1/weight", 7),
        ("/loss/9", 5),
        ("/loss/x", 5),
        ("/a~1b~0c/0/0", 10),
        ("/other/architecture", 4),
        ("/data/dataset", 2),
    ],
)
def test_a_pointer_has_the_line_of_what_it_names(spec, pointer, line):
    assert line == Places.in_file(spec).line_of(pointer)


def test_json_has_lines_too(tmp_path):
    path = tmp_path / "spec.json"
    path.write_text(json.dumps({"recipe": {"epochs": 0}}, indent=2))

    assert 3 == Places.in_file(path).line_of("/recipe/epochs")


def test_what_has_another_place_or_none_keeps_it(spec):
    elsewhere = Problem("bad", "damaged", pointer="/name", file="data.npz")
    nowhere = Problem("full", "no room")
    with pytest.raises(KdError) as caught, pointing_into(spec):
        raise SpecInvalid((elsewhere, nowhere))

    assert (elsewhere, nowhere) == caught.value.problems


@pytest.mark.parametrize("text", ["a: [", "", "\0", "[" * 5000])
def test_what_cannot_be_read_changes_nothing(tmp_path, text):
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    with pytest.raises(KdError) as caught, pointing_into(path):
        raise SpecInvalid((Problem("bad", "wrong", pointer="/name"),))

    assert caught.value.problems[0].line is None


def test_a_run_that_is_refused_names_the_lines(spec, tmp_path, capsys):
    assert 6 == answer(["distill", str(spec), "--out", str(tmp_path / "out")])
    said = capsys.readouterr().err

    assert f"{spec}:8: /loss/1/temperature: should be greater" in said
    assert f"{spec}:2: /data: " in said
