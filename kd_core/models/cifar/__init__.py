"""The CIFAR networks of the papers, in timm's registry; importing this package puts them there.

The names of their parameters are those of mdistiller and RepDistiller, whose checkpoints load as
they are. Where timm has a network of that kind for ImageNet, the name here ends in `_cifar`.
"""

from __future__ import annotations

from kd_core.models.cifar.mobilenetv2 import mobilenetv2_half_cifar
from kd_core.models.cifar.resnet import (
    resnet8x4,
    resnet20,
    resnet32,
    resnet32x4,
    resnet56,
    resnet110,
)
from kd_core.models.cifar.resnet50 import resnet50_cifar
from kd_core.models.cifar.shufflenetv1 import shufflenetv1
from kd_core.models.cifar.shufflenetv2 import shufflenetv2
from kd_core.models.cifar.vgg import vgg8, vgg13_cifar
from kd_core.models.cifar.wide_resnet import wrn_16_2, wrn_40_1, wrn_40_2

__all__ = [
    "mobilenetv2_half_cifar",
    "resnet8x4",
    "resnet20",
    "resnet32",
    "resnet32x4",
    "resnet50_cifar",
    "resnet56",
    "resnet110",
    "shufflenetv1",
    "shufflenetv2",
    "vgg8",
    "vgg13_cifar",
    "wrn_16_2",
    "wrn_40_1",
    "wrn_40_2",
]
