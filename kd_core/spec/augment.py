"""How training images are changed: the recipe's `augment`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kd_core.spec.section import FromList, Section


class NoAugment(Section):
    kind: Literal["none"]

    @property
    def is_countable(self) -> bool:
        """Whether a sample has so many views and no more."""
        return True


class Changed(Section):
    """What comes after the crop, whichever it is."""

    flip: bool = True
    """Mirror half of the images; not for letters, digits and other things with a left and right."""
    policy: (
        Literal["randaugment", "trivialaugment", "autoaugment_cifar10", "autoaugment_imagenet"]
        | None
    ) = None
    """Random operations on shape and colour. randaugment: a fixed number of a fixed strength;
    trivialaugment: one of any strength; autoaugment: the published table that was found on
    CIFAR-10, or on ImageNet."""
    operations: Annotated[int, Field(ge=1, le=8)] = 2
    """How many operations randaugment takes on each image."""
    magnitude: Annotated[float, Field(ge=0, le=1)] = 0.3
    """How strong randaugment's operations are; 1 is the strongest."""
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How far brightness, contrast and saturation stray from 1."""
    cutout: Annotated[int, Field(ge=0, le=1024)] = 0
    """Side of a black square that hides a part of each image, in pixels."""

    @property
    def is_countable(self) -> bool:
        return False


class FlipCrop(Changed):
    kind: Literal["flip_crop"]
    padding: Annotated[int, Field(ge=0, le=128)] = 4
    """Pixels that an image may be moved by, over a black border."""

    @property
    def is_countable(self) -> bool:
        return self.policy is None and not self.jitter and not self.cutout


class ResizedCrop(Changed):
    kind: Literal["resized_crop"]
    scale: Annotated[
        tuple[
            Annotated[float, Field(gt=0, le=1)],
            Annotated[float, Field(gt=0, le=1)],
        ],
        FromList,
    ] = (0.08, 1.0)
    """Least and greatest share of the image's area that is cut out and enlarged."""


Augment = Annotated[NoAugment | FlipCrop | ResizedCrop, Field(discriminator="kind")]
