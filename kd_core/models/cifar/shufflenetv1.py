"""ShuffleNet with 3 groups for small images: its first convolution is 1x1 (arXiv:1707.01083)."""

from __future__ import annotations

from typing import Any

from torch import Tensor, cat, nn
from torch.nn.functional import avg_pool2d, channel_shuffle, relu

from kd_core.models.cifar.network import (
    CifarNetwork,
    built,
    configurations,
    convolution,
    linear,
    registered,
)

STEM, GROUPS = 24, 3
STAGES = ((240, 4), (480, 8), (960, 4))
"""Width and blocks; the first block of each halves the image."""


class GroupedBlock(nn.Module):
    """A block that halves the image stands beside its averaged input instead of adding it."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        added = outputs - inputs if stride == 2 else outputs  # noqa: PLR2004 - a halving
        inner = added // 4
        # The stem is too narrow to be split.
        self.groups = 1 if inputs == STEM else GROUPS
        self.stride = stride
        self.conv1 = convolution(inputs, inner, 1, groups=self.groups)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = convolution(inner, inner, 3, stride=stride, groups=inner)
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = convolution(inner, added, 1, groups=GROUPS)
        self.bn3 = nn.BatchNorm2d(added)

    def forward(self, images: Tensor) -> Tensor:
        inner = channel_shuffle(relu(self.bn1(self.conv1(images))), self.groups)
        inner = self.bn3(self.conv3(relu(self.bn2(self.conv2(inner)))))
        if self.stride == 1:
            return relu(inner + images)
        return relu(cat([inner, avg_pool2d(images, 3, stride=2, padding=1)], 1))


class CifarShuffleNet(CifarNetwork):
    last_layer = "linear"

    def __init__(self, num_classes: int = 100, in_chans: int = 3) -> None:
        super().__init__(STAGES[-1][0], num_classes, in_chans)
        self.conv1 = convolution(in_chans, STEM, 1)
        self.bn1 = nn.BatchNorm2d(STEM)
        inputs = STEM
        for number, (width, blocks) in enumerate(STAGES, start=1):
            stage = [GroupedBlock(inputs, width, 2)]
            stage += [GroupedBlock(width, width, 1) for _ in range(blocks - 1)]
            self.add_module(f"layer{number}", nn.Sequential(*stage))
            inputs = width
        self.linear = linear(inputs, num_classes)

    def forward_features(self, images: Tensor) -> Tensor:
        images = relu(self.bn1(self.conv1(images)))
        for number in range(1, len(STAGES) + 1):
            images = self.get_submodule(f"layer{number}")(images)
        return images


default_cfgs = configurations(CifarShuffleNet, "conv1", "shufflenetv1")


@registered
def shufflenetv1(**settings: Any) -> CifarNetwork:
    """ShuffleV1 of mdistiller: 949 258 parameters with 100 classes."""
    return built(CifarShuffleNet, "shufflenetv1", settings)
