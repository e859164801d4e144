"""ResNet-50 with a first layer for small images, the largest teacher of the papers' tables."""

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

STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
"""Width, blocks and stride."""
EXPANSION = 4


class Bottleneck(nn.Module):
    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = width * EXPANSION
        self.conv1 = convolution(inputs, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = convolution(width, width, 3, stride=stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = convolution(width, outputs, 1)
        self.bn3 = nn.BatchNorm2d(outputs)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else projection(inputs, outputs, stride)

    def forward(self, images: Tensor) -> Tensor:
        inner = relu(self.bn1(self.conv1(images)))
        inner = relu(self.bn2(self.conv2(inner)))
        return relu(self.bn3(self.conv3(inner)) + self.shortcut(images))


class CifarResNet50(CifarNetwork):
    last_layer = "linear"

    def __init__(self, num_classes: int = 100, in_chans: int = 3) -> None:
        width = STAGES[-1][0] * EXPANSION
        super().__init__(width, num_classes, in_chans)
        self.conv1 = convolution(in_chans, 64, 3)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for number, (width, blocks, stride) in enumerate(STAGES, start=1):
            stage = [Bottleneck(inputs, width, stride)]
            inputs = width * EXPANSION
            stage += [Bottleneck(inputs, width, 1) for _ in range(blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*stage))
        self.linear = linear(inputs, num_classes)
        start_convolutions(self)

    def forward_features(self, images: Tensor) -> Tensor:
        images = relu(self.bn1(self.conv1(images)))
        for number in range(1, len(STAGES) + 1):
            images = self.get_submodule(f"layer{number}")(images)
        return images


default_cfgs = configurations(CifarResNet50, "conv1", "resnet50_cifar")


@registered
def resnet50_cifar(**settings: Any) -> CifarNetwork:
    """ResNet50 of mdistiller: 23 705 252 parameters with 100 classes."""
    return built(CifarResNet50, "resnet50_cifar", settings)
