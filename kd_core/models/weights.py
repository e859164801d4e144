"""Weights from a file that a stranger wrote: what it is, whether it is sound, whether it fits."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import safetensors.torch
import torch
from safetensors import SafetensorError

from kd_core.errors import ModelInvalid
from kd_core.files import sha256_of
from kd_core.models.checkpoint_file import COPY_AGAIN, CheckpointFile
from kd_core.models.file_format import (
    ZIP_END,
    Format,
    format_of,
    looks_like,
    zip_is_cut_short,
)
from kd_core.models.key_report import misfits
from kd_core.models.sandbox import CONVERT_YOURSELF, convert_torch_checkpoint
from kd_core.models.wrapping import bare, opening
from kd_core.problems import shown

if TYPE_CHECKING:
    from torch import Tensor, nn

    from kd_core.errors import Problem

MAX_BYTES = 8 * 2**30
MAX_HEADER_BYTES = 100_000_000  # the format's own limit


@dataclass(frozen=True)
class Weights:
    """The tensors of a checkpoint, in memory of their own."""

    tensors: dict[str, Tensor]
    sha256: str
    """Of the file as the user gave it."""
    unwrapping: str = ""
    """What was taken off to get to them: keys of the file, prefixes of names."""


def read_weights(path: Path, *, pointer: str, scratch: Path, allow_torch: bool = True) -> Weights:
    """The weights in a .safetensors file, or in a torch file, which is converted in a sandbox.

    The content decides, not the name. What the sandbox wrote lies in the folder `scratch` while
    it is read, and is deleted whatever happens.
    """
    checkpoint = CheckpointFile(path, pointer)
    head = checkpoint.head(MAX_BYTES)
    match format_of(head):
        case Format.SAFETENSORS:
            weights = _from_safetensors(checkpoint, path)
        case Format.TORCH:
            weights = _from_torch(checkpoint, head, scratch, allow_torch=allow_torch)
        case Format.OTHER:
            checkpoint.refuse(
                "checkpoint_not_weights",
                f"the checkpoint holds no weights: it looks like {looks_like(head)}",
                "give a .safetensors file, or a .pt file that holds a state dict",
            )
    weights = _unwrapped(weights)
    _check_numbers(checkpoint, weights.tensors)
    return weights


def _unwrapped(weights: Weights) -> Weights:
    """Under the network's own names, without what a wrapper put before them or beside them."""
    found = bare(weights.tensors)
    if not found.steps:
        return weights
    said = "; ".join((*filter(None, [weights.unwrapping]), *found.steps))
    tensors = {name: weights.tensors[original] for name, original in found.names.items()}
    return replace(weights, tensors=tensors, unwrapping=said)


def classes_in(weights: Weights, classifier: str | None) -> int | None:
    """How many classes the weights tell apart: the rows of the classifier, if it can be found."""
    rows = weights.tensors.get(f"{classifier}.weight")
    return int(rows.shape[0]) if rows is not None and rows.ndim > 0 else None


def load_strictly(
    model: nn.Module,
    weights: Weights,
    *,
    architecture: str,
    pointer: str,
    file: str,
    classifier: str | None = None,
) -> None:
    """Fill every tensor of `model` from `weights`, or none of them and say everything that differs.

    The values take the model's own type: half precision is widened to float32.
    """
    problems = misfits(
        expected=model.state_dict(),
        found=weights.tensors,
        architecture=architecture,
        classifier=classifier,
        pointer=pointer,
        file=file,
    )
    if problems:
        error = ModelInvalid(problems[0].message)
        error.problems = _with_hint(problems, weights.unwrapping)
        raise error
    model.load_state_dict(weights.tensors, strict=True)


def _with_hint(problems: tuple[Problem, ...], unwrapping: str) -> tuple[Problem, ...]:
    if not unwrapping:
        return problems
    first, *rest = problems
    return (replace(first, hint=f"{first.hint}; the weights were {unwrapping}"), *rest)


def _from_safetensors(checkpoint: CheckpointFile, path: Path) -> Weights:
    """Read once and hashed as read: a file that changes meanwhile changes nothing here."""
    data = path.read_bytes()
    header_bytes = int.from_bytes(data[:8], "little")
    if header_bytes > MAX_HEADER_BYTES:
        checkpoint.refuse(
            "checkpoint_unreadable",
            f"the checkpoint claims a header of {header_bytes} bytes; the safetensors format "
            f"allows {MAX_HEADER_BYTES}",
            "give a .safetensors file",
        )
    if 8 + header_bytes > len(data):
        checkpoint.refuse(
            "checkpoint_truncated",
            f"the checkpoint is cut short: its header needs {header_bytes} bytes and the whole "
            f"file has {len(data)}",
            COPY_AGAIN,
        )
    try:
        tensors = safetensors.torch.load(data)
    except SafetensorError as error:
        _refuse_header(checkpoint, str(error))
    except KeyError as error:
        checkpoint.refuse(
            "checkpoint_not_weights",
            f"the checkpoint has a tensor of the type {shown(error.args[0])}, "
            "which torch cannot hold",
            "save it as float32",
        )
    return Weights(tensors, hashlib.sha256(data).hexdigest())


def _refuse_header(checkpoint: CheckpointFile, reason: str) -> NoReturn:
    if "MetadataIncompleteBuffer" in reason or "incomplete metadata" in reason:
        checkpoint.refuse(
            "checkpoint_truncated",
            "the checkpoint is cut short or has bytes too many: its tensors do not fill the file",
            COPY_AGAIN,
        )
    checkpoint.refuse(
        "checkpoint_unreadable",
        f"the checkpoint is not a sound safetensors file: {shown(reason)}",
        COPY_AGAIN,
    )


def _from_torch(
    checkpoint: CheckpointFile, head: bytes, scratch: Path, *, allow_torch: bool
) -> Weights:
    if not allow_torch:
        checkpoint.refuse(
            "torch_checkpoint_not_allowed",
            "the checkpoint is a torch file, which can carry code, and this service takes none",
            f"{CONVERT_YOURSELF}, or ask the operator to set STILLHOUSE_ALLOW_TORCH_CHECKPOINTS",
        )
    if head.startswith(ZIP_END):
        checkpoint.refuse(
            "checkpoint_empty", "the checkpoint is a zip archive with nothing in it", COPY_AGAIN
        )
    if head.startswith(b"PK") and zip_is_cut_short(checkpoint.path):
        checkpoint.refuse(
            "checkpoint_truncated", "the checkpoint is cut short: its end is missing", COPY_AGAIN
        )
    sha256 = sha256_of(checkpoint.path)
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        converted = Path(folder) / "converted.safetensors"
        opened = convert_torch_checkpoint(checkpoint.path, converted, pointer=checkpoint.pointer)
        tensors = _from_safetensors(checkpoint, converted).tensors
        return Weights(tensors, sha256, "; ".join(opening(opened)))


def _check_numbers(checkpoint: CheckpointFile, tensors: dict[str, Tensor]) -> None:
    if not tensors:
        checkpoint.refuse(
            "checkpoint_empty",
            "the checkpoint holds no tensors",
            "save model.state_dict(), after the model was made",
        )
    for name, tensor in tensors.items():
        # As float32, because that is what the model will hold: 1e300 is no weight either.
        if tensor.is_floating_point() and not torch.isfinite(tensor.float()).all():
            checkpoint.refuse(
                "checkpoint_not_finite",
                f"the tensor {shown(name)} has values that are not finite (NaN or infinity)",
                "the training that made it diverged; give an earlier checkpoint",
            )
