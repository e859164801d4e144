"""What pixels are worth: brighter, flatter, greyer, in fewer steps. All float [B, 3, H, W]."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import conv2d

GREY = (0.299, 0.587, 0.114)  # ITU-R 601, as PIL weighs the channels
SMOOTH = ((1.0, 1.0, 1.0), (1.0, 5.0, 1.0), (1.0, 1.0, 1.0))


def brightness(pixels: Tensor, factor: Tensor) -> Tensor:
    return blended(torch.zeros_like(pixels), pixels, factor)


def contrast(pixels: Tensor, factor: Tensor) -> Tensor:
    """Away from, or towards, the mean grey of each image."""
    return blended(grey(pixels).mean(dim=(2, 3), keepdim=True), pixels, factor)


def saturation(pixels: Tensor, factor: Tensor) -> Tensor:
    return blended(grey(pixels), pixels, factor)


def sharpness(pixels: Tensor, factor: Tensor) -> Tensor:
    """Away from, or towards, a smoothed copy; the outermost pixels stay."""
    kernel = pixels.new_tensor(SMOOTH).div(13).expand(3, 1, 3, 3)
    smooth = pixels.clone()
    smooth[:, :, 1:-1, 1:-1] = conv2d(pixels, kernel, groups=3)
    return blended(smooth, pixels, factor)


def posterize(pixels: Tensor, bits: Tensor) -> Tensor:
    """The upper `bits` of each value."""
    step = 2.0 ** (8 - bits.round()).view(-1, 1, 1, 1)
    return (pixels / step).floor() * step


def solarize(pixels: Tensor, threshold: Tensor) -> Tensor:
    """Values from the threshold on turned round."""
    return torch.where(pixels >= threshold.view(-1, 1, 1, 1), 255 - pixels, pixels)


def autocontrast(pixels: Tensor) -> Tensor:
    """Each channel stretched to the whole range."""
    low, high = (at.view(*at.shape[:2], 1, 1) for at in pixels.flatten(2).aminmax(dim=2))
    span = high - low
    return torch.where(span > 0, (pixels - low) * (255 / span.clamp(min=1)), pixels)


def equalize(pixels: Tensor) -> Tensor:
    """Each channel given a flat histogram."""
    values = pixels.round().long().clamp_(0, 255).flatten(2)  # [B, 3, H W]
    counts = torch.zeros(*values.shape[:2], 256, dtype=torch.long, device=pixels.device)
    below = counts.scatter_add_(2, values, torch.ones_like(values)).cumsum(dim=2)
    first = below.gather(2, values.amin(dim=2, keepdim=True))  # as many as have the least value
    flat = (below - first) * 255.0 / (values.shape[2] - first).clamp(min=1)
    return flat.gather(2, values).view_as(pixels).to(pixels.dtype)


def grey(pixels: Tensor) -> Tensor:
    return (pixels * pixels.new_tensor(GREY).view(3, 1, 1)).sum(dim=1, keepdim=True)


def blended(other: Tensor, pixels: Tensor, factor: Tensor) -> Tensor:
    """0 is the other, 1 the image itself, above 1 beyond it."""
    share = factor.view(-1, 1, 1, 1).to(pixels.dtype)
    return (other + (pixels - other) * share).clamp(0, 255)
