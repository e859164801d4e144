"""The names in timm's registry, ours among them, and what some cost, without importing timm.
`./dev gen` lists them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from kd_core.problems import closest, shown

PUBLISHED: Mapping[str, str] = {
    "MobileNetV2": "mobilenetv2_half_cifar",
    "ResNet50": "resnet50_cifar",
    "ShuffleV1": "shufflenetv1",
    "ShuffleV2": "shufflenetv2",
    "mobile_half": "mobilenetv2_half_cifar",
    "vgg8_bn": "vgg8",
}
"""What mdistiller calls a CIFAR network whose name here is another one."""


@cache
def architectures() -> tuple[str, ...]:
    text = (resources.files("kd_core") / "architectures.txt").read_text(encoding="utf-8")
    return tuple(text.split())


class Counted(NamedTuple):
    """What a network has and costs, as `./dev gen` counted it."""

    parameters: int
    classes: int
    """Of the last layer that was counted along."""
    macs: Mapping[int, int]
    """Multiply-accumulates of one image, by its side in pixels."""


@cache
def counted() -> Mapping[str, Counted]:
    """By name; of those that people choose from, not of all."""
    text = (resources.files("kd_core") / "architectures.json").read_text(encoding="utf-8")
    return {
        name: Counted(
            told["parameters"],
            told["classes"],
            {int(side): count for side, count in told["macs"].items()},
        )
        for name, told in json.loads(text).items()
    }


def check_architecture(name: str) -> str:
    """The name, or a refusal that lists the closest ones."""
    if name in architectures():
        return name
    raise PydanticCustomError(
        "unknown_architecture",
        "timm has no architecture {name}",
        {"name": shown(name), "hint": _likely(name)},
    )


def _likely(name: str) -> str:
    if name in PUBLISHED:
        return f"mdistiller's {name} for 32x32 images is {PUBLISHED[name]} here"
    bare = re.sub(r"^(hf_hub:|hf-hub:|hub:)?(timm/)?", "", name).split(".", maxsplit=1)[0]
    near = [bare] if bare in architectures() else closest(name, architectures())
    return f"closest: {', '.join(near)}" if near else "timm.list_models() lists them"
