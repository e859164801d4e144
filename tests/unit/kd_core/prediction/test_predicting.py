"""Every artifact answers to files as its student answers to the pixels that training would see."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from kd_core.data.decode import decode
from kd_core.data.limits import LIMITS
from kd_core.errors import DataInvalid, ModelInvalid, WorkdirInvalid
from kd_core.exports import onnx_graphs, torch_program
from kd_core.exports.student import Student
from kd_core.files import sha256_of
from kd_core.models.build import Plan
from kd_core.packaging import timm_folder
from kd_core.prediction.predicting import predict
from kd_core.prediction.run_folder import RunFolder, chosen
from kd_core.spec.models import Network
from tests.support.small_runs import small_spec

NAMES, DECODED, SEEN = ("ant", "bee", "cow"), 40, 24
FILES = {
    "safetensors": ["safetensors/model.safetensors", "safetensors/config.json"],
    "onnx": ["onnx/student.onnx"],
    "onnx_uint8": ["onnx/student_uint8.onnx"],
    "torch_export": ["torch_export/student.pt2"],
}


@pytest.fixture(scope="module")
def plan():
    network = Network(architecture="test_efficientnet", image_size=SEEN)
    return Plan.of(network, len(NAMES), DECODED)


@pytest.fixture(scope="module")
def run(plan, tmp_path_factory):
    """What a run leaves whose student sees the decoded images smaller."""
    folder = tmp_path_factory.mktemp("run")
    artifacts = folder / "artifacts"
    torch.manual_seed(5)
    fresh = timm.create_model(plan.architecture, num_classes=plan.classes)
    timm_folder.save(fresh, plan, NAMES, artifacts / "safetensors")
    student = Student(timm_folder.load(artifacts / "safetensors"), plan, NAMES)
    for name, write in (("onnx", onnx_graphs.write), ("torch_export", torch_program.write)):
        (artifacts / name).mkdir()
        write(student, artifacts / name)
    write_report(folder)
    data = {"dataset": "digits", "image_size": DECODED}
    record = {"spec": small_spec(data=data), "inputs": {}}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


def write_report(folder):
    shipped = [
        {
            "name": name,
            "format": name.removesuffix("_uint8"),
            "status": "ready",
            "files": [listed(folder / "artifacts", path) for path in paths],
        }
        for name, paths in FILES.items()
    ]
    failed = {"name": "onnx_int8", "format": "onnx_int8", "status": "failed", "reason": "no Foo"}
    report = {"schema": 1, "artifacts": [*shipped, failed], "of a newer release": True}
    (folder / "report.json").write_text(json.dumps(report))


def listed(folder, path):
    return {"path": path, "sha256": sha256_of(folder / path), "bytes": 1}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder, draw = tmp_path_factory.mktemp("images"), np.random.default_rng(1)
    paths = []
    for number, (width, height) in enumerate([(40, 40), (91, 64), (33, 50), (20, 20), (41, 40)]):
        noise = draw.integers(0, 256, (height // 4, width // 4, 3), dtype=np.uint8)
        paths.append(folder / f"{number}.{'png' if number % 2 else 'jpg'}")
        Image.fromarray(noise).resize((width, height)).save(paths[-1])
    return paths


@pytest.fixture(scope="module")
def expected(run, plan, images):
    """Of PyTorch, by the road that evaluation takes. [N, C]"""
    squares = [decode(path.read_bytes(), "", DECODED, LIMITS).pixels for path in images]
    network = timm_folder.load(run / "artifacts/safetensors")
    with torch.no_grad():
        return network(plan.inputs(torch.from_numpy(np.stack(squares)))).softmax(1).numpy()


def asked(run, images, name="safetensors", **how):
    folder = RunFolder(run)
    return predict(folder, folder.artifact(name), images, **{"top": 3, "threads": 1, **how})


@pytest.mark.parametrize("name", FILES)
def test_an_artifact_answers_to_files_as_pytorch_answers_to_pixels(run, images, expected, name):
    found = asked(run, images, name)

    assert images == [one.file for one in found]
    for one, row in zip(found, expected, strict=True):
        assert [NAMES[at] for at in np.argsort(-row)] == [guess.name for guess in one.student]
        for guess in one.student:
            assert row[guess.index] == pytest.approx(guess.probability, abs=1e-3)
        assert one.agrees is None


def test_more_images_than_are_read_at_once_keep_their_order(run, images):
    many = [images[at % 5] for at in range(37)]
    found = asked(run, many, "onnx", top=1)

    assert many == [one.file for one in found]
    for at, one in enumerate(found):
        assert found[at % 5].student[0].index == one.student[0].index
        assert 1 == len(one.student)


def test_a_teacher_sees_the_decoded_images_and_stands_beside(run, images):
    told = []

    def teacher(names, classes):
        told.append((names, classes))
        return lambda pixels: told.append(pixels.shape) or np.eye(3, dtype=np.float32)[[2]] * 9

    [found] = asked(run, images[:1], "onnx", teacher=teacher)

    assert [(NAMES, 3), (1, DECODED, DECODED, 3)] == told
    assert "cow" == found.teacher[0].name
    assert found.agrees == (found.student[0].name == "cow")


def test_an_onnx_artifact_needs_no_torch(run, images):
    code = """
import sys
from pathlib import Path
for name in ("torch", "timm", "safetensors", "sklearn", "onnx", "torchvision"):
    sys.modules[name] = None
from kd_core.prediction.predicting import predict
from kd_core.prediction.run_folder import RunFolder, chosen
folder = RunFolder(Path(sys.argv[1]))
shipped = chosen(folder, None, {"numpy": True, "PIL": True, "onnxruntime": True})
print(shipped.name, len(predict(folder, shipped, [Path(sys.argv[2])], top=1, threads=1)))
"""
    result = subprocess.run(
        [sys.executable, "-c", code, run, images[0]], capture_output=True, text=True, check=False
    )

    assert "onnx 1\n" == result.stdout, result.stderr


def test_without_a_name_the_weights_go_first_where_they_can_be_run(run):
    everything = dict.fromkeys(("numpy", "PIL", "torch", "timm", "safetensors"), True)

    assert "safetensors" == chosen(RunFolder(run), None, everything).name
    assert "torch_export" == chosen(RunFolder(run), None, everything | {"timm": False}).name
    assert "safetensors" == chosen(RunFolder(run), None, {}).name


@pytest.mark.parametrize(
    ("name", "said"), [("tflite", "no artifact 'tflite'"), ("onnx_int8", "Foo")]
)
def test_an_artifact_that_is_not_there_is_told_with_those_that_are(run, images, name, said):
    with pytest.raises(ModelInvalid, match=said) as error:
        asked(run, images, name)
    assert "there are: safetensors, onnx, onnx_uint8, torch_export" in str(error.value)


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_file_that_is_not_what_was_measured_is_not_run(run, images, harm):
    file = run / "artifacts/onnx/student.onnx"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1]) if harm == "changed" else file.unlink()
    try:
        with pytest.raises(ModelInvalid, match=r"student\.onnx: ") as error:
            asked(run, images, "onnx")
    finally:
        file.write_bytes(whole)
    assert f"artifact_{harm}" == error.value.problems[0].code


@pytest.mark.parametrize("text", [None, "{", "[]", '{"artifacts": [{"name": "a"}]}', "[" * 100_000])
def test_a_folder_that_no_run_left_is_told(tmp_path, text):
    if text is not None:
        (tmp_path / "report.json").write_text(text)

    with pytest.raises(WorkdirInvalid, match=r"report\.json") as error:
        RunFolder(tmp_path).artifact("onnx")
    assert ("not_a_run" if text is None else "workdir_damaged") == error.value.problems[0].code


def test_a_report_cannot_name_files_outside_of_the_folder(tmp_path):
    file = {"path": "../passwd", "sha256": "0"}
    shipped = {"name": "onnx", "format": "onnx", "status": "ready", "files": [file]}
    (tmp_path / "report.json").write_text(json.dumps({"artifacts": [shipped]}))

    with pytest.raises(WorkdirInvalid):
        RunFolder(tmp_path).artifact("onnx")


def test_a_bundle_tells_the_size_of_its_images_by_its_manifest(tmp_path):
    resolved = {"data": {"image_size": 48}}
    (tmp_path / "manifest.json").write_text(json.dumps({"spec": {"resolved": resolved}}))

    assert 48 == RunFolder(tmp_path).image_size
    assert RunFolder(tmp_path / "nowhere").image_size is None


def test_every_image_that_cannot_be_read_is_told_before_anything_is_answered(run, images, tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(LIMITS.member_bytes + 1)
    wrong = [tmp_path, tmp_path / "gone.png", tmp_path / "pipe.png", huge]

    with pytest.raises(DataInvalid) as error:
        asked(run, [*images, *wrong])
    problems = error.value.problems
    assert [str(path) for path in wrong] == [problem.file for problem in problems]
    codes = ["image_is_folder", "image_unreadable", "image_unreadable", "image_too_large"]
    assert codes == [problem.code for problem in problems]
    assert f"{tmp_path}/*.jpg" in problems[0].hint


def test_every_image_that_cannot_be_decoded_is_told(run, images, tmp_path):
    text, narrow, cut = (tmp_path / name for name in ("a.txt", "b.png", "c.jpg"))
    text.write_text("no image")
    Image.new("L", (40_000, 1)).save(narrow)
    bomb = tmp_path / "d.png"
    Image.new("1", (8000, 8000)).save(bomb)
    cut.write_bytes(images[0].read_bytes()[:100])

    with pytest.raises(DataInvalid) as error:
        asked(run, [text, *images * 8, narrow, cut, bomb], "onnx")
    found = {problem.file: problem.code for problem in error.value.problems}
    assert {
        str(text): "image_damaged",
        str(narrow): "image_too_narrow",
        str(cut): "image_damaged",
        str(bomb): "image_too_large",
    } == found
