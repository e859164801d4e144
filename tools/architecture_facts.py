"""kd_core/architectures.json: what networks that people choose from have and cost, counted without
weights and without computing anything.
"""

from __future__ import annotations

import json
from typing import Any

CLASSES, CIFAR_CLASSES = 1000, 100
SIZES, CIFAR_SIZES = (32, 224), (32,)
CIFAR = """
mobilenetv2_half_cifar resnet110 resnet20 resnet32 resnet32x4 resnet50_cifar resnet56 resnet8x4
shufflenetv1 shufflenetv2 vgg13_cifar vgg8 wrn_16_2 wrn_40_1 wrn_40_2
"""
OTHERS = """
convnext_atto convnext_femto convnext_nano convnext_pico convnext_tiny
convnextv2_atto deit_small_patch16_224 deit_tiny_patch16_224 edgenext_xx_small
efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_lite0 ghostnet_100
lcnet_050 lcnet_100 levit_128s mnasnet_100 mobilenetv2_050 mobilenetv2_100 mobilenetv3_large_100
mobilenetv3_small_050 mobilenetv3_small_075 mobilenetv3_small_100 mobilenetv4_conv_medium
mobilenetv4_conv_small mobilevit_s mobilevit_xs mobilevit_xxs regnetx_002 regnety_002 regnety_004
regnety_008 repvgg_a0 resnet101 resnet10t resnet14t resnet18 resnet26t resnet34 resnet50
resnext50_32x4d tinynet_a tinynet_e vgg11_bn vgg16_bn vit_base_patch16_224
vit_small_patch16_224 vit_tiny_patch16_224 wide_resnet50_2
"""


def facts() -> str:
    found = {name: _facts(name, CLASSES, SIZES) for name in OTHERS.split()}
    found |= {name: _facts(name, CIFAR_CLASSES, CIFAR_SIZES) for name in CIFAR.split()}
    lines = (f"  {json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _facts(name: str, classes: int, sizes: tuple[int, ...]) -> dict[str, Any]:
    import timm
    import torch

    import kd_core.models.cifar  # noqa: F401 - its networks join timm's
    from kd_core.models.build import UNFIT
    from kd_core.models.measure import macs, parameters

    with torch.device("meta"):
        network = timm.create_model(name, num_classes=classes)
        counted = {}
        for size in sizes:
            try:
                counted[str(size)] = macs(network, torch.empty(1, 3, size, size))
            except UNFIT:  # too small for it, or not the size that it was made for
                continue
    return {"parameters": parameters(network), "classes": classes, "macs": counted}
