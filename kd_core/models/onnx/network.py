"""A session of onnxruntime where a network is expected: images in, logits out, nothing to learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    import onnxruntime


class OnnxNetwork(nn.Module):
    """Answers by a graph with one input and one output. It has no weights that torch knows of, is
    frozen by nature, and computes on the CPU wherever its images lie.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, size_bytes: int, batch: int | None = None
    ) -> None:
        """`batch` is how many images the graph takes at a time, where it takes no other number."""
        super().__init__()
        self.session = session
        self.size_bytes = size_bytes
        self.batch = batch
        self._input = session.get_inputs()[0].name

    def forward(self, inputs: Tensor) -> Tensor:
        """float32 [B, 3, S, S] -> float32 [B, C], on the device of the inputs."""
        images = inputs.detach().cpu().contiguous()
        size = self.batch or len(images)
        answers = [self._answer(part, size) for part in torch.split(images, size)]
        whole = answers[0] if len(answers) == 1 else torch.cat(answers)
        return whole.to(inputs.device)

    def _answer(self, images: Tensor, size: int) -> Tensor:
        """Of at most `size` images; what is missing is made up with grey ones, and left out."""
        missing = size - len(images)
        if missing:
            images = torch.cat([images, images.new_zeros(missing, *images.shape[1:])])
        (answer,) = self.session.run(None, {self._input: images.numpy()})
        return torch.from_numpy(answer)[: size - missing]
