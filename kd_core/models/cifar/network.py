"""What the CIFAR networks share: a head, what timm asks of them, and their first weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from timm.models import build_model_with_cfg, generate_default_cfgs, register_model
from torch import Tensor, nn

SIDE, CLASSES = 32, 100
MEAN, STD = (0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)
"""Of CIFAR-100's training images, as RepDistiller and mdistiller write them."""


class CifarNetwork(nn.Module, ABC):
    """Convolutions, the mean over what is left of the image, one linear layer."""

    last_layer: ClassVar[str]
    """Its published name."""

    def __init__(self, num_features: int, num_classes: int, in_chans: int) -> None:
        super().__init__()
        self.num_features = num_features
        self.num_classes = num_classes
        self.in_chans = in_chans

    @abstractmethod
    def forward_features(self, images: Tensor) -> Tensor:
        """[B, 3, H, W] -> [B, num_features, h, w]"""

    def forward_head(self, features: Tensor, *, pre_logits: bool = False) -> Tensor:
        """[B, num_features, h, w] -> [B, C], or what the last layer gets when it is left out."""
        # What is published as an average over 8x8, 4x4 or 2x2 is the whole image at 32x32.
        pooled = features.mean((2, 3))
        answer: Tensor = pooled if pre_logits else self.get_classifier()(pooled)
        return answer

    def forward(self, images: Tensor) -> Tensor:
        return self.forward_head(self.forward_features(images))

    def get_classifier(self) -> nn.Module:
        return self.get_submodule(self.last_layer)

    def reset_classifier(self, num_classes: int, global_pool: str | None = None) -> None:
        """A fresh last layer; none for 0 classes."""
        if global_pool not in {None, "avg"}:
            raise ValueError(f"this network averages over the image; it has no {global_pool} pool")
        self.num_classes = num_classes
        weight = next(self.parameters())
        layer = linear(self.num_features, num_classes).to(weight.device, weight.dtype)
        owner, _, name = self.last_layer.rpartition(".")
        setattr(self.get_submodule(owner), name, layer)


def linear(features: int, classes: int) -> nn.Module:
    return nn.Linear(features, classes) if classes else nn.Identity()


def convolution(
    inputs: int, outputs: int, side: int, *, stride: int = 1, groups: int = 1
) -> nn.Conv2d:
    """Side x side, padded so that only the stride makes the image smaller; without a bias."""
    return nn.Conv2d(inputs, outputs, side, stride, padding=side // 2, groups=groups, bias=False)


def projection(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """The way around a block whose answer has another shape than what it was given."""
    return nn.Sequential(convolution(inputs, outputs, 1, stride=stride), nn.BatchNorm2d(outputs))


def start_convolutions(network: nn.Module) -> None:
    """He's normal distribution by the fan out, which is sqrt(2 / (side² outputs)) of the papers."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def start_classifier(network: CifarNetwork, deviation: float | None = None) -> None:
    """No bias, and on request normal weights instead of torch's uniform ones."""
    layer = network.get_classifier()
    if isinstance(layer, nn.Linear):
        nn.init.zeros_(layer.bias)
        if deviation is not None:
            nn.init.normal_(layer.weight, std=deviation)


def configurations(network: type[CifarNetwork], first: str, *names: str) -> Any:
    """What timm keeps of each name beside the class: input, normalisation, first and last layer."""
    configuration = {
        "input_size": (3, SIDE, SIDE),
        "num_classes": CLASSES,
        "mean": MEAN,
        "std": STD,
        "interpolation": "bicubic",
        "crop_pct": 1.0,
        "first_conv": first,
        "classifier": network.last_layer,
    }
    return generate_default_cfgs({name: dict(configuration) for name in names})


Entry = Callable[..., CifarNetwork]


def registered(entry: Entry) -> Entry:
    """Let timm make the network by the function's name, with the module's `default_cfgs`."""
    register_model(entry)
    return entry


def built(network: type[CifarNetwork], name: str, settings: dict[str, Any]) -> CifarNetwork:
    made: CifarNetwork = build_model_with_cfg(network, name, **settings)
    return made
