"""An ONNX file that a user brought as a teacher: opened and tried, or refused with the reason."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from kd_core.errors import ModelInvalid, printable
from kd_core.models.build import first_line
from kd_core.models.checkpoint_file import CheckpointFile
from kd_core.models.onnx.content import Description, check_content
from kd_core.models.onnx.network import OnnxNetwork
from kd_core.models.onnx.session import REFUSALS, open_session
from kd_core.problems import shown

if TYPE_CHECKING:
    import onnxruntime
    from torch import Tensor

MAX_BYTES = 2**31 - 1  # the format's own limit
MOST_IMAGES, MOST_CLASSES = 1024, 100_000
RANK, COLOURS = 4, 3
FLOATS = "tensor(float)"
TRIED_ON = 3  # images: a graph for one or two of them alone shows itself
SAME = 1e-3  # of the largest answer: what the order of additions may change


@dataclass(frozen=True)
class Graph:
    """A sound graph from float32 [B, 3, S, S] to [B, C]."""

    file: CheckpointFile
    network: OnnxNetwork
    sha256: str
    side: int | None
    """Of the images that it takes; None where it takes any."""
    description: Description

    def image_size(self, wanted: int | None, otherwise: int, pointer: str) -> int:
        """The side that it is shown: its own, or what the section at `pointer` wants."""
        if wanted is not None and self.side not in {None, wanted}:
            raise ModelInvalid(
                f"the graph takes images of {self.side}x{self.side}, not {wanted}x{wanted}",
                hint="leave image_size out: it is taken from the graph",
                pointer=f"{pointer}/image_size",
                file=str(self.file.path),
                code="image_size_differs",
            )
        return wanted or self.side or otherwise

    def classes(self, image_size: int) -> int:
        """How many it tells apart, seen on a few images."""
        draw = torch.Generator().manual_seed(0)
        images = torch.rand(TRIED_ON, COLOURS, image_size, image_size, generator=draw)
        together = self._tried(images)
        alone = self._tried(images[:1])
        allowed = SAME * together.abs().max().item()
        if not torch.allclose(alone, together[:1], rtol=0, atol=allowed, equal_nan=True):
            self.file.refuse(
                "onnx_in_training",
                "the graph answers otherwise to an image when other images are beside it, or when "
                "it is asked again: it was exported in training mode",
                "export it after model.eval()",
            )
        if _are_shares(together):
            self.file.refuse(
                "onnx_probabilities",
                "the graph answers with probabilities, and a student learns from what is before "
                "the softmax",
                "export the network without its softmax",
            )
        return together.shape[1]

    def _tried(self, images: Tensor) -> Tensor:
        try:
            answer: Tensor = self.network(images)
        except REFUSALS as error:
            self.file.refuse(
                "onnx_unfit",
                f"the graph cannot take {len(images)} images of {images.shape[2]}x{images.shape[3]}"
                f": {printable(first_line(error))}",
                "set image_size to the side that it was exported for, and export it for any number "
                "of images (dynamic_shapes)",
            )
        shape = list(answer.shape)
        if len(shape) != 2 or len(answer) != len(images) or not 2 <= shape[1] <= MOST_CLASSES:  # noqa: PLR2004
            self.file.refuse(
                "onnx_unfit",
                f"the graph answers to {len(images)} images with numbers of shape {shape}",
                "a teacher answers with one logit for each class: [images, classes]",
            )
        return answer


def open_graph(path: Path, *, pointer: str, threads: int) -> Graph:
    """Read once, and opened from memory: a graph reads no other file."""
    file = CheckpointFile(path, pointer)
    head = file.head(MAX_BYTES)
    data = path.read_bytes()
    description = check_content(file, head, data)
    try:
        session = open_session(data, threads)
    except REFUSALS as error:
        file.refuse(
            "onnx_unusable",
            f"onnxruntime cannot run the graph: {printable(first_line(error))}",
            "export it again, with the operators of ONNX alone",
        )
    batch, side = _input(file, session)
    _check_output(file, session)
    network = OnnxNetwork(session, len(data), batch)
    return Graph(file, network, hashlib.sha256(data).hexdigest(), side, description)


def _input(
    file: CheckpointFile, session: onnxruntime.InferenceSession
) -> tuple[int | None, int | None]:
    """How many images at a time, and of which side; None where any will do."""
    given = session.get_inputs()
    named = ", ".join(f"{shown(one.name)} {_shape(one)}" for one in given)
    if len(given) != 1:
        file.refuse(
            "onnx_inputs",
            f"the graph has {len(given)} inputs: {named or 'none'}",
            "a teacher takes one: images",
        )
    shape: Sequence[int | str | None] = given[0].shape
    batch, *places = (at if isinstance(at, int) else None for at in (*shape, *[None] * RANK)[:RANK])
    colours, height, width = places
    fits = (
        len(shape) == RANK
        and colours in (COLOURS, None)
        and (height == width or None in (height, width))
    )
    if (
        given[0].type != FLOATS
        or not fits
        or any(at is not None and at < 1 for at in (batch, height))
    ):
        file.refuse(
            "onnx_inputs",
            f"the graph takes {given[0].type} of shape {named}",
            "a teacher takes float32 of shape [images, 3, side, side]",
        )
    if batch is not None and batch > MOST_IMAGES:
        file.refuse(
            "onnx_inputs",
            f"the graph takes {batch} images at a time; at most {MOST_IMAGES} are given to one",
            "export it for any number of images (dynamic_shapes)",
        )
    return batch, height or width


def _check_output(file: CheckpointFile, session: onnxruntime.InferenceSession) -> None:
    made = session.get_outputs()
    if len(made) != 1:
        named = ", ".join(f"{shown(one.name)} {_shape(one)}" for one in made)
        file.refuse(
            "onnx_outputs",
            f"the graph has {len(made)} outputs: {named}",
            "export it with one: the logits",
        )
    if made[0].type != FLOATS:
        file.refuse(
            "onnx_outputs", f"the graph answers with {made[0].type}", "export it in float32"
        )


def _shape(value: onnxruntime.NodeArg) -> str:
    sides = (str(at) if isinstance(at, int) else printable(str(at or "?")) for at in value.shape)
    return f"[{', '.join(sides)}]"


def _are_shares(answers: Tensor) -> bool:
    return bool((answers >= 0).all()) and torch.allclose(
        answers.sum(dim=1), torch.ones(len(answers)), atol=SAME
    )
