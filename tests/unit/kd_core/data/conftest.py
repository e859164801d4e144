"""Builders of small data sets, honest and hostile: real files in a folder of the test's own."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kd_core.data import reading
from kd_core.data.limits import LIMITS
from kd_core.errors import DataInvalid
from kd_core.spec import DataSource


def png(seed=0, width=12, height=10, mode="RGB", file_format="PNG"):
    """The bytes of an image of noise."""
    noise = np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (height, width, 3))
    buffer = io.BytesIO()
    Image.fromarray(noise.astype(np.uint8)).convert(mode).save(buffer, file_format)
    return buffer.getvalue()


def pets(count=4, prefix="", seed=0):
    """Two classes of a few images each, by file name."""
    names = [f"{prefix}{kind}/{number}.png" for kind in ("cats", "dogs") for number in range(count)]
    return {name: png(seed + number) for number, name in enumerate(names)}


class Builder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, files, name="data"):
        for file, data in files.items():
            path = self.root / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return name

    def zip(self, files, name="data.zip", compression=zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(self.root / name, "w", compression) as archive:
            for file, data in files.items():
                archive.writestr(file, data)
        return name

    def tar(self, files, name="data.tar", mode="w", extra=()):
        with tarfile.open(self.root / name, mode) as archive:
            for file, data in files.items():
                member = tarfile.TarInfo(file)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
            for member in extra:
                archive.addfile(member)
        return name

    def npz(self, name="data.npz", **arrays):
        np.savez_compressed(self.root / name, **arrays)
        return name

    def file(self, name, data):
        (self.root / name).write_bytes(data)
        return name


@pytest.fixture
def build(tmp_path):
    return Builder(tmp_path)


@pytest.fixture
def read(tmp_path):
    """Reads a source below `tmp_path`, with the section's other keys."""

    def read_it(dataset, limits=LIMITS, **section):
        dataset = dataset if dataset == "digits" else f"file:{dataset}"
        section = {"image_size": 8, **section}
        return reading.read(DataSource(dataset=dataset, **section), tmp_path, limits)

    return read_it


@pytest.fixture
def images():
    """The two makers of image files, for tests that need one of a kind."""
    return ImageFiles


class ImageFiles:
    png = staticmethod(png)
    pets = staticmethod(pets)


@pytest.fixture
def refusal(read):
    """The one problem that reading a source ends in."""

    def refusal_of(dataset, **section):
        with pytest.raises(DataInvalid) as caught:
            read(dataset, **section)
        (problem,) = caught.value.problems
        assert problem.hint
        return problem

    return refusal_of
