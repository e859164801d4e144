"""Images as cameras make them: smooth, with a colour cast."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

SIDE = 12


def photographs(count=16, seed=0):
    """uint8 [count, SIDE, SIDE, 3]"""
    coarse = np.random.default_rng(seed).integers(20, 220, (count, 4, 4, 3), dtype=np.uint8)
    large = [Image.fromarray(at).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for at in coarse]
    return torch.from_numpy(np.stack([np.asarray(at) for at in large]))
