"""Programs that load what is shipped, to be copied and run beside the card.

Nothing of a stranger's stands in them: names of classes are read from the files that they load.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kd_core.report import ArtifactReport
from kd_core.spec.export import WEIGHTS

if TYPE_CHECKING:
    from kd_core.hub_card.subject import Subject

OURS = "kd_core.models.cifar"

TIMM = """\
import sys

import {imports}
import torch
from PIL import Image

model = timm.create_model("local-dir:{path}", pretrained=True).eval()
transform = timm.data.create_transform(**timm.data.resolve_model_data_config(model))
image = Image.open(sys.argv[1]).convert("RGB")
with torch.no_grad():
    logits = model(transform(image).unsqueeze(0))
names = model.pretrained_cfg.get("label_names") or range(logits.shape[1])
print(names[int(logits.argmax())])
"""
SQUARE = """\
    from PIL import Image  # needed for image files alone

    image = Image.open(path).convert("RGB")
    short = min(image.size)
    width, height = (side * length // short for length in image.size)
    left, top = round((width - side) / 2), round((height - side) / 2)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    image = image.crop((left, top, left + side, top + side))
"""
ONNX = (
    """\
import json
import sys

import numpy as np
import onnxruntime

session = onnxruntime.InferenceSession("{path}", providers=["CPUExecutionProvider"])
known = session.get_modelmeta().custom_metadata_map
side = int(known["image_size"])


def pixels_of(path):
    \"\"\"uint8 [images, side, side, 3]: from an .npy that holds them, or from one image file.\"\"\"
    if path.endswith(".npy"):
        return np.load(path)
"""
    + SQUARE
    + """\
    return np.asarray(image)[None]


inputs = pixels_of(sys.argv[1])
if known["layout"] == "NCHW":  # this graph does not scale by itself
    mean, std = (np.array(json.loads(known[key]), np.float32) for key in ("mean", "std"))
    inputs = ((inputs / np.float32(255) - mean) / std).transpose(0, 3, 1, 2)
logits = session.run(None, {{session.get_inputs()[0].name: inputs}})[0]
names = json.loads(known["class_names"]) or range(logits.shape[1])
for best in logits.argmax(axis=1):
    print(names[best])
"""
)
TORCH = (
    """\
import json
import sys

import torch

extra = {{"student.json": ""}}
network = torch.export.load("{path}", extra_files=extra).module()
known = json.loads(extra["student.json"])
side = int(known["image_size"])


def pixels_of(path):
    \"\"\"uint8 [images, side, side, 3]: from a .pt that holds them, or from one image file.\"\"\"
    if path.endswith(".pt"):
        return torch.load(path)
"""
    + SQUARE
    + """\
    return torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(1, side, side, 3)


mean, std = (torch.tensor(json.loads(known[key])) for key in ("mean", "std"))
inputs = ((pixels_of(sys.argv[1]) / 255 - mean) / std).permute(0, 3, 1, 2)
with torch.no_grad():
    logits = network(inputs)
names = json.loads(known["class_names"]) or range(logits.shape[1])
for best in logits.argmax(dim=1).tolist():
    print(names[best])
"""
)


@dataclass(frozen=True)
class Program:
    title: str
    needs: str
    code: str


def programs(subject: Subject) -> Iterator[Program]:
    """One for each format that is there."""
    by_format: dict[str, list[ArtifactReport]] = {}
    for one in subject.files:
        by_format.setdefault(one.format, []).append(one)
    for name, files in by_format.items():
        yield _program(name, files, subject)


def _program(name: str, files: Sequence[ArtifactReport], subject: Subject) -> Program:
    # Where there are several, the last does most by itself: it scales the pixels too.
    path = f"artifacts/{files[-1].files[0].path}"
    if name == WEIGHTS:
        return _by_timm(path.rpartition("/")[0], subject)
    if path.endswith(".onnx"):
        return Program(name, "onnxruntime and numpy", ONNX.format(path=path))
    return Program(name, "torch", TORCH.format(path=path))


def _by_timm(folder: str, subject: Subject) -> Program:
    if subject.card.requires is None:
        return Program("timm", "timm", TIMM.format(imports="timm", path=folder))
    imports = f"{OURS}  # {subject.card.architecture} is not timm's own\nimport timm"
    return Program("timm", "timm and stillhouse", TIMM.format(imports=imports, path=folder))
