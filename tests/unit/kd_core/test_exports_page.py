"""The code of docs/exports.md does what it says, with nothing but what it says."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.small_runs import stripes

PAGE = (Path(__file__).parents[3] / "docs/exports.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```python (\w+)\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE))
# Of what is installed here, what somebody who follows a block may not have.
MISSING = {
    "timm": ("kd_core", "onnx", "onnxruntime"),
    "pixels": ("kd_core", "torch", "timm", "onnx", "PIL"),
    "scaled": ("kd_core", "torch", "timm", "onnx", "PIL"),
    "int8": ("kd_core", "torch", "timm", "onnx", "PIL"),
    "torch": ("kd_core", "timm", "torchvision", "onnx", "onnxruntime", "PIL"),
}


@pytest.fixture(scope="module")
def place(shipped, tmp_path_factory):
    """A folder with a run in `out` and images beside it, as the page has them."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "out").symlink_to(shipped[0])
    pixels, _ = stripes(1, seed=7)
    np.save(folder / "pixels.npy", pixels)
    Image.fromarray(pixels[0]).save(folder / "photo.png")
    return folder


def logits_of(block, place):
    without = "".join(f"sys.modules[{name!r}] = None\n" for name in MISSING[block])
    saved = "\nimport numpy\nnumpy.save('logits.npy', logits)\n"
    program = f"import sys\n{without}{BLOCKS[block]}{saved}"
    subprocess.run([sys.executable, "-P", "-c", program], cwd=place, check=True)
    return np.load(place / "logits.npy")


def test_every_block_is_tried():
    assert BLOCKS.keys() == MISSING.keys()


def test_all_ways_to_load_a_student_give_the_same_logits(place):
    exact = logits_of("timm", place)
    allowed = 1e-3 * exact.std()

    for block in ("pixels", "scaled", "torch"):
        np.testing.assert_allclose(logits_of(block, place), exact, rtol=0, atol=allowed)


def test_a_student_in_int8_gives_about_those(place):
    exact, found = logits_of("timm", place), logits_of("int8", place)

    np.testing.assert_allclose(found, exact, rtol=0, atol=0.1 * np.ptp(exact))
    assert not np.array_equal(found, exact)


def test_the_page_names_every_file_that_is_shipped(shipped):
    _, report = shipped
    files = [file.path for one in report.artifacts for file in one.files]

    assert [] == [path for path in files if f"`{path}`" not in PAGE]
