"""Where pixels come from: mirrored, shifted, cut out and enlarged, turned and sheared."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, pad

from kd_core.augment.chance import Chance, is_heads


def flip_crop(images: Tensor, views: Tensor, *, padding: int) -> Tensor:
    """Each image moved by up to `padding` over a black border, mirrored or not: its view. BHWC"""
    samples, height, width = images.shape[:3]
    moves = 2 * padding + 1
    mirrored, top, left = views // moves**2, views // moves % moves, views % moves
    across = torch.arange(width, device=images.device).expand(samples, -1)
    across = torch.where(mirrored.bool().unsqueeze(1), width - 1 - across, across)
    down = torch.arange(height, device=images.device)
    rows = (top.unsqueeze(1) + down).unsqueeze(2)  # [B, H, 1]
    columns = (left.unsqueeze(1) + across).unsqueeze(1)  # [B, 1, W]
    bordered = pad(images, (0, 0, padding, padding, padding, padding))
    which = torch.arange(samples, device=images.device)[:, None, None]
    return bordered[which, rows, columns]


def flip_crop_views(chance: Chance, *, flip: bool, padding: int) -> Tensor:
    """Which of its views each sample shows: all are equally likely. int64 [B]"""
    return (chance.uniforms("crop", 1)[:, 0] * count_flip_crops(flip, padding)).long()


def count_flip_crops(flip: bool, padding: int) -> int:  # noqa: FBT001 - as a recipe has them
    return (2 * padding + 1) ** 2 * (1 + flip)


def resized_crop(
    images: Tensor, chance: Chance, *, flip: bool, scale: tuple[float, float]
) -> Tensor:
    """A box of random size and shape from each image, enlarged to the whole. uint8 BHWC"""
    draws = chance.uniforms("resized", 5)
    area = scale[0] + (scale[1] - scale[0]) * draws[:, 0]
    ratio = torch.exp((2 * draws[:, 1] - 1) * math.log(4 / 3))
    width, height = ((area * at).sqrt().clamp(max=1.0) for at in (ratio, 1 / ratio))
    # In affine_grid's coordinates the image spans -1..1; the box may lie anywhere inside.
    right, down = (2 * draws[:, 2] - 1) * (1 - width), (2 * draws[:, 3] - 1) * (1 - height)
    mirrored = torch.where(is_heads(draws[:, 4]) & flip, -1.0, 1.0)
    zero = torch.zeros_like(width)
    rows = torch.stack([width * mirrored, zero, right, zero, height, down], dim=1)
    return warped(images, rows.view(-1, 2, 3))


def warped(images: Tensor, matrices: Tensor, mode: str = "bilinear") -> Tensor:
    """Each image read through its affine map [B, 2, 3]; outside is black. uint8 BHWC"""
    pixels = images.permute(0, 3, 1, 2).float()
    grid = affine_grid(matrices.float(), list(pixels.shape), align_corners=False)
    read = grid_sample(pixels, grid, mode=mode, align_corners=False)
    return read.round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def cutout(images: Tensor, chance: Chance, size: int) -> Tensor:
    """A black square of that side around a random middle, cut off at the border. uint8 BHWC"""
    height, width = images.shape[1:3]
    draws = chance.uniforms("cutout", 2)
    rows, columns = (
        _around((at * length).long(), size, length)
        for at, length in zip(draws.unbind(1), (height, width), strict=True)
    )
    return images.masked_fill((rows.unsqueeze(2) & columns.unsqueeze(1)).unsqueeze(3), 0)


def _around(middle: Tensor, size: int, length: int) -> Tensor:
    """Which places along a side lie in a square around each middle. bool [B, length]"""
    first = (middle - size // 2).unsqueeze(1)
    places = torch.arange(length, device=middle.device)
    return (places >= first) & (places < first + size)
