"""ShuffleNetV2 1x for small images: its first convolution is 1x1 (arXiv:1807.11164)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, cat, nn
from torch.nn.functional import channel_shuffle, relu

from kd_core.models.cifar.network import (
    CifarNetwork,
    built,
    configurations,
    convolution,
    linear,
    registered,
)

STEM, FEATURES, BRANCHES = 24, 1024, 2
STAGES = ((116, 3), (232, 7), (464, 3))
"""Width, and blocks after the one that halves the image."""


class SplitBlock(nn.Module):
    """Works on one half of the channels and leaves the other as it is."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.conv1 = convolution(half, half, 1)
        self.bn1 = nn.BatchNorm2d(half)
        self.conv2 = convolution(half, half, 3, groups=half)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = convolution(half, half, 1)
        self.bn3 = nn.BatchNorm2d(half)

    def forward(self, images: Tensor) -> Tensor:
        left, right = images.chunk(2, dim=1)
        right = self.bn2(self.conv2(relu(self.bn1(self.conv1(right)))))
        right = relu(self.bn3(self.conv3(right)))
        return channel_shuffle(cat([left, right], 1), BRANCHES)


class HalvingBlock(nn.Module):
    """Two branches over all channels: conv1 and conv2, conv3 to conv5."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        half = outputs // 2
        self.conv1 = convolution(inputs, inputs, 3, stride=2, groups=inputs)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv2 = convolution(inputs, half, 1)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = convolution(inputs, half, 1)
        self.bn3 = nn.BatchNorm2d(half)
        self.conv4 = convolution(half, half, 3, stride=2, groups=half)
        self.bn4 = nn.BatchNorm2d(half)
        self.conv5 = convolution(half, half, 1)
        self.bn5 = nn.BatchNorm2d(half)

    def forward(self, images: Tensor) -> Tensor:
        left = relu(self.bn2(self.conv2(self.bn1(self.conv1(images)))))
        right = relu(self.bn3(self.conv3(images)))
        right = relu(self.bn5(self.conv5(self.bn4(self.conv4(right)))))
        return channel_shuffle(cat([left, right], 1), BRANCHES)


class CifarShuffleNetV2(CifarNetwork):
    last_layer = "linear"

    def __init__(self, num_classes: int = 100, in_chans: int = 3) -> None:
        super().__init__(FEATURES, num_classes, in_chans)
        self.conv1 = convolution(in_chans, STEM, 1)
        self.bn1 = nn.BatchNorm2d(STEM)
        inputs = STEM
        for number, (width, blocks) in enumerate(STAGES, start=1):
            stage = (SplitBlock(width) for _ in range(blocks))
            self.add_module(f"layer{number}", nn.Sequential(HalvingBlock(inputs, width), *stage))
            inputs = width
        self.conv2 = convolution(inputs, FEATURES, 1)
        self.bn2 = nn.BatchNorm2d(FEATURES)
        self.linear = linear(FEATURES, num_classes)

    def forward_features(self, images: Tensor) -> Tensor:
        images = relu(self.bn1(self.conv1(images)))
        for number in range(1, len(STAGES) + 1):
            images = self.get_submodule(f"layer{number}")(images)
        return relu(self.bn2(self.conv2(images)))


default_cfgs = configurations(CifarShuffleNetV2, "conv1", "shufflenetv2")


@registered
def shufflenetv2(**settings: Any) -> CifarNetwork:
    """ShuffleV2 of mdistiller: 1 355 528 parameters with 100 classes."""
    return built(CifarShuffleNetV2, "shufflenetv2", settings)
