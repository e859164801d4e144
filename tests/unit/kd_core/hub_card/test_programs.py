"""The programs of a card, run as somebody would who has nothing but what the card asks for."""

import re

import numpy as np
import pytest
import torch
from PIL import Image

import kd_core
from kd_core.data.decode import square
from kd_core.exports.clean_process import CleanProcess
from kd_core.packaging import timm_folder
from tests.support.small_runs import small_data, small_spec, stripes
from tests.support.strangers import environment_of, run_in

PROGRAM = re.compile(r"(?ms)^### (\w+)\n\nNeeds ([^\n]*)\.\n\n```python\n(.*?)^```$")
SAVED_BY_NUMPY = "\nnp.save('logits.npy', logits)\n"
SAVED_BY_TORCH = "\ntorch.save(torch.as_tensor(logits), 'logits.pt')\n"


def programs_of(card):
    """By their titles, with what each needs."""
    return {title: (needs, program) for title, needs, program in PROGRAM.findall(card)}


@pytest.fixture(scope="module")
def programs(shipped):
    return programs_of((shipped[0] / "README.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def photograph(tmp_path_factory):
    """An image that is no square, in a lossless file."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    pixels, _ = stripes(1, side=41, seed=5)
    Image.fromarray(pixels[0, :, :30]).save(path)
    return path


@pytest.fixture(scope="module")
def exact(shipped, photograph):
    """What PyTorch answers to the image as training would have seen it. float32 [1, 2]"""
    network = timm_folder.load(shipped[0] / "artifacts/safetensors")
    scale = network.pretrained_cfg
    with Image.open(photograph) as image:
        pixels = square(image, 16).pixels
    inputs = (torch.from_numpy(pixels) / 255 - torch.tensor(scale["mean"])) / torch.tensor(
        scale["std"]
    )
    with torch.no_grad():
        return pixels, network(inputs.permute(2, 0, 1)[None]).numpy()


def logits_of(result, folder):
    assert result.returncode == 0, result.stderr
    if (folder / "logits.npy").exists():
        return np.load(folder / "logits.npy")
    return torch.load(folder / "logits.pt").numpy()


def bundle(shipped, tmp_path):
    """What is shipped, in a folder to write beside it."""
    (tmp_path / "artifacts").symlink_to(shipped[0] / "artifacts")
    return tmp_path


def assert_same(found, exact):
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-3 * exact.std())


def test_the_card_says_what_each_program_needs(programs):
    assert {
        "timm": "timm",
        "onnx": "onnxruntime and numpy",
        "onnx_int8": "onnxruntime and numpy",
        "torch_export": "torch",
    } == {title: needs for title, (needs, _) in programs.items()}


def test_the_weights_answer_alike_where_there_is_only_timm(
    programs, shipped, photograph, exact, tmp_path
):
    folder = bundle(shipped, tmp_path)
    environment = environment_of(tmp_path / "env", "timm")
    ended = run_in(environment, programs["timm"][1] + SAVED_BY_TORCH, photograph, cwd=folder)

    assert_same(logits_of(ended, folder), exact[1])
    assert str(exact[1].argmax()) == ended.stdout.strip()


def test_the_graph_in_int8_says_what_it_says_anywhere(programs, shipped, exact, tmp_path):
    folder = bundle(shipped, tmp_path)
    np.save(folder / "photo.npy", exact[0][None])
    environment = environment_of(tmp_path / "env", "onnxruntime", "numpy")
    program = programs["onnx_int8"][1] + SAVED_BY_NUMPY
    ended = run_in(environment, program, "photo.npy", cwd=folder)
    with CleanProcess(folder / "artifacts/onnx_int8/student_int8.onnx", threads=1) as process:
        known = process.logits(torch.from_numpy(exact[0])[None]).numpy()

    assert_same(logits_of(ended, folder), known)


def test_the_graph_answers_alike_where_there_is_only_onnxruntime_and_numpy(
    programs, shipped, exact, tmp_path
):
    folder = bundle(shipped, tmp_path)
    np.save(folder / "photo.npy", exact[0][None])
    environment = environment_of(tmp_path / "env", "onnxruntime", "numpy")
    ended = run_in(environment, programs["onnx"][1] + SAVED_BY_NUMPY, "photo.npy", cwd=folder)
    missing = run_in(environment, "import PIL", cwd=folder)

    assert_same(logits_of(ended, folder), exact[1])
    assert str(exact[1].argmax()) == ended.stdout.strip()
    assert "No module named 'PIL'" in missing.stderr


def test_the_graph_that_takes_scaled_images_answers_alike_by_the_same_program(
    programs, shipped, exact, tmp_path
):
    folder = bundle(shipped, tmp_path)
    np.save(folder / "photo.npy", exact[0][None])
    program = programs["onnx"][1].replace("student_uint8.onnx", "student.onnx")
    environment = environment_of(tmp_path / "env", "onnxruntime", "numpy")
    ended = run_in(environment, program + SAVED_BY_NUMPY, "photo.npy", cwd=folder)

    assert_same(logits_of(ended, folder), exact[1])


def test_the_program_of_torch_answers_alike_where_there_is_only_torch(
    programs, shipped, exact, tmp_path
):
    folder = bundle(shipped, tmp_path)
    torch.save(torch.from_numpy(exact[0][None]), folder / "photo.pt")
    environment = environment_of(tmp_path / "env", "torch")
    ended = run_in(
        environment, programs["torch_export"][1] + SAVED_BY_TORCH, "photo.pt", cwd=folder
    )
    missing = run_in(environment, "import numpy", cwd=folder)

    assert_same(logits_of(ended, folder), exact[1])
    assert "No module named 'numpy'" in missing.stderr


@pytest.mark.parametrize(
    ("title", "packages", "saved"),
    [
        ("onnx", ("onnxruntime", "numpy", "pillow"), SAVED_BY_NUMPY),
        ("torch_export", ("torch", "pillow"), SAVED_BY_TORCH),
    ],
)
def test_an_image_file_becomes_the_pixels_of_training(
    programs, shipped, photograph, exact, tmp_path, title, packages, saved
):
    folder = bundle(shipped, tmp_path)
    environment = environment_of(tmp_path / "env", *packages)
    ended = run_in(environment, programs[title][1] + saved, photograph, cwd=folder)

    assert_same(logits_of(ended, folder), exact[1])


def test_a_network_of_the_papers_says_what_it_needs_and_runs_with_it(tmp_path, photograph):
    data = f"file:{small_data(tmp_path / 'data.npz')}"
    spec = small_spec(
        student={"architecture": "resnet8x4"}, data={"dataset": data, "image_size": 16}
    )
    kd_core.distill(spec, tmp_path / "out")
    needs, program = programs_of((tmp_path / "out/README.md").read_text())["timm"]
    timm_alone = environment_of(tmp_path / "timm", "timm")
    ours = environment_of(tmp_path / "ours", "timm", "pydantic", "pyyaml")
    (ours / "kd_core").symlink_to(next(iter(kd_core.__path__)))
    refused = run_in(timm_alone, program, photograph, cwd=tmp_path / "out")
    ended = run_in(ours, program, photograph, cwd=tmp_path / "out")

    assert "timm and stillhouse" == needs
    assert "No module named 'kd_core'" in refused.stderr
    assert ended.stdout.strip() in {"0", "1"}, ended.stderr
