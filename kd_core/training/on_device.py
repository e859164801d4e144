"""The images of a split where training asks for them: on its device whole, or batch by batch."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kd_core.data.images import Paged

RESIDENT_SHARE = 0.25
"""Of a GPU's free memory, what the images of one split may take; the rest is for the networks."""
COPIED_AT_ONCE = 1024


class Fetched:
    """Images that come from a file or their source when a batch is made: the memory they take is
    that of the batch.
    """

    def __init__(self, images: Paged, device: str) -> None:
        self._images = images
        self.device = torch.device(device)

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, places: Tensor | slice) -> Tensor:
        """uint8 [B, S, S, 3]"""
        wanted = places if isinstance(places, slice) else places.cpu().numpy()
        return torch.from_numpy(self._images[wanted]).to(self.device)


def images_on(device: str, images: NDArray[np.uint8] | Paged) -> Tensor | Fetched:
    """A GPU that has the room gets all of them, since that is where they are changed at random."""
    if not isinstance(images, Paged):
        return torch.from_numpy(images).to(device)
    if device == "cpu" or images.size_bytes > RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
        return Fetched(images, device)
    whole = torch.empty(images.shape, dtype=torch.uint8, device=device)
    for first in range(0, len(images), COPIED_AT_ONCE):
        part = slice(first, first + COPIED_AT_ONCE)
        whole[part] = torch.from_numpy(images[part]).to(device)
    return whole
