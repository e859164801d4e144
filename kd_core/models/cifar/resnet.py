"""Residual networks for small images: three stages of basic blocks (arXiv:1512.03385, 4.2).

As in RepDistiller, a block that changes the shape has a learnt projection beside it.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import relu

from kd_core.models.cifar.network import (
    CifarNetwork,
    built,
    configurations,
    convolution,
    linear,
    projection,
    registered,
    start_convolutions,
)

Widths = tuple[int, int, int, int]
"""Of the first convolution and the three stages."""
NARROW: Widths = (16, 16, 32, 64)
WIDE: Widths = (32, 64, 128, 256)


class BasicBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, outputs, 3, stride=stride)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = convolution(outputs, outputs, 3)
        self.bn2 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.downsample = nn.Identity() if same else projection(inputs, outputs, stride)

    def forward(self, images: Tensor) -> Tensor:
        inner = relu(self.bn1(self.conv1(images)))
        return relu(self.bn2(self.conv2(inner)) + self.downsample(images))


class CifarResNet(CifarNetwork):
    """`depth` layers with weights: 6 in each round of the three stages, and 2 around them."""

    last_layer = "fc"

    def __init__(
        self, depth: int, widths: Widths = NARROW, num_classes: int = 100, in_chans: int = 3
    ) -> None:
        super().__init__(widths[3], num_classes, in_chans)
        blocks = (depth - 2) // 6
        self.conv1 = convolution(in_chans, widths[0], 3)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.layer1 = _stage(widths[0], widths[1], blocks, stride=1)
        self.layer2 = _stage(widths[1], widths[2], blocks, stride=2)
        self.layer3 = _stage(widths[2], widths[3], blocks, stride=2)
        self.fc = linear(widths[3], num_classes)
        start_convolutions(self)

    def forward_features(self, images: Tensor) -> Tensor:
        images = relu(self.bn1(self.conv1(images)))
        features: Tensor = self.layer3(self.layer2(self.layer1(images)))
        return features


def _stage(inputs: int, outputs: int, blocks: int, *, stride: int) -> nn.Sequential:
    first = BasicBlock(inputs, outputs, stride)
    return nn.Sequential(first, *(BasicBlock(outputs, outputs, 1) for _ in range(blocks - 1)))


default_cfgs = configurations(
    CifarResNet,
    "conv1",
    "resnet8x4",
    "resnet20",
    "resnet32",
    "resnet32x4",
    "resnet56",
    "resnet110",
)


@registered
def resnet8x4(**settings: Any) -> CifarNetwork:
    """1 233 540 parameters with 100 classes."""
    return built(CifarResNet, "resnet8x4", {"depth": 8, "widths": WIDE, **settings})


@registered
def resnet32x4(**settings: Any) -> CifarNetwork:
    """7 433 860 parameters with 100 classes."""
    return built(CifarResNet, "resnet32x4", {"depth": 32, "widths": WIDE, **settings})


@registered
def resnet20(**settings: Any) -> CifarNetwork:
    """278 324 parameters with 100 classes."""
    return built(CifarResNet, "resnet20", {"depth": 20, **settings})


@registered
def resnet32(**settings: Any) -> CifarNetwork:
    """472 756 parameters with 100 classes."""
    return built(CifarResNet, "resnet32", {"depth": 32, **settings})


@registered
def resnet56(**settings: Any) -> CifarNetwork:
    """861 620 parameters with 100 classes."""
    return built(CifarResNet, "resnet56", {"depth": 56, **settings})


@registered
def resnet110(**settings: Any) -> CifarNetwork:
    """1 736 564 parameters with 100 classes."""
    return built(CifarResNet, "resnet110", {"depth": 110, **settings})
