"""VGG with batch normalisation and one linear layer, as the distillation papers use it."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import max_pool2d, relu

from kd_core.models.cifar.network import (
    CifarNetwork,
    built,
    configurations,
    linear,
    registered,
    start_classifier,
    start_convolutions,
)

WIDTHS = (64, 128, 256, 512, 512)
LARGE_SIDE = 64


class CifarVgg(CifarNetwork):
    """Five blocks of as many convolutions each."""

    last_layer = "classifier"

    def __init__(self, convolutions: int, num_classes: int = 100, in_chans: int = 3) -> None:
        super().__init__(WIDTHS[-1], num_classes, in_chans)
        inputs = in_chans
        for number, width in enumerate(WIDTHS):
            self.add_module(f"block{number}", _block(inputs, width, convolutions))
            inputs = width
        self.classifier = linear(inputs, num_classes)
        start_convolutions(self)
        start_classifier(self, deviation=0.01)

    def forward_features(self, images: Tensor) -> Tensor:
        # The published network halves a fourth time only at 64x64, for Tiny-ImageNet.
        halvings = 4 if images.shape[2] == LARGE_SIDE else 3
        for number in range(len(WIDTHS)):
            images = relu(self.get_submodule(f"block{number}")(images))
            if number < halvings:
                images = max_pool2d(images, 2)
        return images


def _block(inputs: int, width: int, convolutions: int) -> nn.Sequential:
    """The last activation stays out: the published features are taken before it."""
    layers: list[nn.Module] = []
    for number in range(convolutions):
        layers += [
            nn.Conv2d(width if number else inputs, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers[:-1])


default_cfgs = configurations(CifarVgg, "block0.0", "vgg8", "vgg13_cifar")


@registered
def vgg8(**settings: Any) -> CifarNetwork:
    """3 965 028 parameters with 100 classes."""
    return built(CifarVgg, "vgg8", {"convolutions": 1, **settings})


@registered
def vgg13_cifar(**settings: Any) -> CifarNetwork:
    """The vgg13 of mdistiller: 9 462 180 parameters with 100 classes."""
    return built(CifarVgg, "vgg13_cifar", {"convolutions": 2, **settings})
