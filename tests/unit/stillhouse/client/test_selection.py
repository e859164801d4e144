"""Files of a job are meant by any name that a person would give them."""

import pytest

from stillhouse.client import ArtifactUnknown
from stillhouse.client.answers import Artifact
from stillhouse.client.selection import chosen, the_one


def artifact(number, name):
    path = f"artifacts/{name}" if "/" in name else name
    return Artifact(id=f"art_{number}", name=name, format="f", path=path, bytes=1, sha256="0")


NAMES = ["onnx/student.onnx", "onnx/student_uint8.onnx", "report.json", "safetensors/config.json"]
FOUND = [artifact(number, name) for number, name in enumerate(NAMES)]


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        ([], NAMES),
        (["onnx"], NAMES[:2]),
        (["onnx/"], NAMES[:2]),
        (["artifacts/onnx"], NAMES[:2]),
        (["artifacts"], [*NAMES[:2], NAMES[3]]),
        (["student.onnx"], NAMES[:1]),
        (["artifacts/onnx/student.onnx", "art_2"], [NAMES[0], NAMES[2]]),
        (["report.json", "report.json"], [NAMES[2]]),
    ],
)
def test_files_are_chosen_by_what_they_are_called(names, meant):
    assert meant == [one.name for one in chosen(FOUND, names)]


@pytest.mark.parametrize("name", ["stud", "onn", "", "/", "config", "art_9"])
def test_a_name_that_no_file_has_is_told_with_those_there_are(name):
    with pytest.raises(ArtifactUnknown) as error:
        chosen(FOUND, ["report.json", name])
    [problem] = error.value.problems
    assert repr(name) in problem.message
    assert "onnx/student.onnx, " in problem.hint


def test_one_file_is_one_file():
    assert "art_2" == the_one(FOUND, "report.json").id
    assert "art_0" == the_one(FOUND, "student.onnx").id
    with pytest.raises(ArtifactUnknown, match="'onnx' is not one file") as error:
        the_one(FOUND, "onnx")
    assert "onnx/student.onnx, onnx/student_uint8.onnx" in error.value.problems[0].hint
