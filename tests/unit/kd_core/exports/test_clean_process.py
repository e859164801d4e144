"""A process that loads a file: what it may import, and how its end is told."""

import signal
import subprocess
import sys

import pytest
import torch
from torch import nn

from kd_core.exports.catalogue import FORMATS
from kd_core.exports.clean_process import PROGRAM, CleanProcess
from kd_core.exports.refusal import Unexportable
from kd_core.exports.student import Student
from kd_core.models.build import Plan
from tests.support.onnx_graphs import save_endless

PLAN = Plan("home_made", 4, 8, (0.1, 0.2, 0.3), (0.4, 0.5, 0.6), {}, None)


@pytest.fixture(scope="module")
def student():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return Student(network.eval().requires_grad_(requires_grad=False), PLAN, ("a", "b", "c", "d"))


@pytest.fixture(scope="module")
def files(student, tmp_path_factory):
    """Every file of every format, by the name of its artifact."""
    folder = tmp_path_factory.mktemp("files")
    for known in FORMATS.values():
        known.rehearse(student, folder)
    return {name: folder / file for one in FORMATS.values() for name, file in one.files.items()}


EXACT = [name for one in FORMATS.values() for name in one.files if name != "onnx_int8"]


def pixels(count):
    return torch.randint(0, 256, (count, 8, 8, 3), dtype=torch.uint8)


@pytest.mark.parametrize("artifact", EXACT)
def test_a_file_answers_to_pixels_as_its_student_does(files, student, artifact):
    with CleanProcess(files[artifact], threads=1) as process:
        for count in (1, 2, 7):
            images = pixels(count)

            torch.testing.assert_close(process.logits(images), student.network(PLAN.inputs(images)))
        cost = process.cost()

    assert (30,) == cost.milliseconds.shape
    assert cost.images_per_s > 0
    assert files[artifact].stat().st_size < cost.peak_bytes


def test_a_file_in_int8_answers_about_as_its_student_does(files, student):
    images = pixels(7)
    with CleanProcess(files["onnx_int8"], threads=1) as process:
        answers = process.logits(images)

    exact = student.network(PLAN.inputs(images))
    torch.testing.assert_close(answers, exact, rtol=0, atol=0.05)
    assert not torch.equal(answers, exact)


@pytest.mark.parametrize(
    ("artifact", "forbidden"),
    [
        ("onnx_int8", {"torch", "timm", "kd_core", "onnx", "PIL"}),
        ("onnx", {"torch", "timm", "kd_core", "onnx", "PIL"}),
        ("onnx_uint8", {"torch", "timm", "kd_core", "onnx", "PIL"}),
        ("torch_export", {"timm", "kd_core", "torchvision", "onnx"}),
    ],
)
def test_nothing_is_imported_that_a_stranger_may_not_have(files, artifact, forbidden):
    assert set() == forbidden & imported_for(files[artifact])


def test_a_folder_for_timm_is_loaded_by_timm_alone(shipped):
    imported = imported_for(shipped[0] / "artifacts/safetensors")

    assert "timm" in imported
    assert set() == {"kd_core", "onnx", "onnxruntime"} & imported


def imported_for(file):
    look = (
        "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], "
        "run_name='__main__'); sys.stderr.write(' '.join(sys.modules))"
    )
    ended = subprocess.run(
        [sys.executable, "-P", "-c", look, PROGRAM, file, "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "numpy" in ended.stderr.split()
    return set(ended.stderr.split())


def test_a_file_that_cannot_be_loaded_says_why(tmp_path):
    broken = tmp_path / "student.onnx"
    broken.write_bytes(b"no graph")

    with (
        pytest.raises(Unexportable, match=r"not loaded again: .*Protobuf parsing failed") as caught,
        CleanProcess(broken, threads=1) as process,
    ):
        process.logits(pixels(1))
    assert "student.onnx" in caught.value.reason
    assert str(tmp_path) not in caught.value.reason


def test_a_process_that_is_killed_says_so(files):
    with (
        pytest.raises(Unexportable, match="ended by SIGKILL"),
        CleanProcess(files["onnx"], threads=1) as process,
    ):
        process._process.kill()
        process.logits(pixels(1))


def test_a_file_that_never_answers_is_given_up(tmp_path):
    endless = save_endless(tmp_path / "student.onnx", side=8)

    with (
        pytest.raises(Unexportable, match=r"gave no answer in 0\.5 s"),
        CleanProcess(endless, threads=1, patience_s=0.5) as process,
    ):
        process.logits(pixels(1))


def test_a_question_that_is_never_read_is_given_up_too(files):
    many = pixels(2000)

    with (
        pytest.raises(Unexportable, match=r"gave no answer in 0\.5 s"),
        CleanProcess(files["onnx"], threads=1, patience_s=0.5) as process,
    ):
        process._process.send_signal(signal.SIGSTOP)
        process.logits(many)


def test_the_process_ends_with_the_block(files):
    with CleanProcess(files["onnx"], threads=1) as process:
        running = process._process

    assert running.returncode is not None
