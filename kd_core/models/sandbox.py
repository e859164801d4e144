"""Torch checkpoints, which are programs, become safetensors in a process that can do nothing else.

The process is `kd_core/models/convert.py`; here it is started, timed, ended, and its answer is
turned into one sentence.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, BinaryIO

from kd_core.errors import ModelInvalid
from kd_core.files import PARTIAL, write_atomically
from kd_core.models.wrapping import WRAPPERS

PROGRAM = Path(__file__).with_name("convert.py")
# All that the program gets to see: no secret, no proxy, no GPU, one thread.
ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "",
}
GIB = 2**30
ANSWER_BYTES = 10_000
PROBE_S = 20.0

SAVE_WEIGHTS = (
    "save the weights alone: safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"
)
TAKE_IT_OUT = (
    f"the weights may also be kept under one of {', '.join(WRAPPERS)}; else save them alone, for "
    "example safetensors.torch.save_file(checkpoint['weights'], 'model.safetensors')"
)
CONVERT_YOURSELF = "convert the checkpoint to .safetensors where you trust it"


@dataclass(frozen=True)
class SandboxLimits:
    """What one conversion may use up, beyond what starting torch takes."""

    wall_s: float = 300.0
    cpu_s: int = 240
    output_bytes: int = 8 * GIB
    spare_memory_bytes: int = GIB
    """Beyond twice the size of the checkpoint."""


@dataclass(frozen=True)
class SandboxStatus:
    available: bool
    reason: str
    """A sentence for the operator: what the sandbox does, or why there is none."""


Opened = tuple[tuple[str, ...], ...]
"""For each mapping that held the weights its key, then the keys that it was preferred to."""


@dataclass(frozen=True)
class _Answer:
    """How the program ended; what it says is shown and never trusted."""

    outcome: str
    detail: str = ""
    opened: Opened = ()


# outcome: (code, sentence, the way out)
REFUSALS = {
    "unavailable": (
        "sandbox_unavailable",
        "a torch checkpoint is only read in a sandbox, and there is none here: {detail}",
        f"{CONVERT_YOURSELF}, or see `still doctor`",
    ),
    "old_torch": (
        "sandbox_unavailable",
        "torch {detail} cannot read an untrusted checkpoint safely",
        f"install torch 2.10 or newer, or {CONVERT_YOURSELF}",
    ),
    "code": (
        "checkpoint_is_code",
        "the checkpoint asks to run {detail}: it is code, not weights",
        SAVE_WEIGHTS,
    ),
    "not_a_mapping": (
        "checkpoint_not_weights",
        "the checkpoint holds a {detail}, not a state dict",
        SAVE_WEIGHTS,
    ),
    "wrapper": (
        "checkpoint_not_weights",
        "the checkpoint is not a bare state dict, a tensor under each name; it holds {detail}",
        TAKE_IT_OUT,
    ),
    "tensor": (
        "checkpoint_not_weights",
        "the checkpoint has a tensor that is not plain numbers in memory: {detail}",
        "save dense, real, unquantised tensors on the CPU",
    ),
    "memory": (
        "checkpoint_too_large",
        "the checkpoint unpacks into more memory than a file of its size can need",
        SAVE_WEIGHTS,
    ),
    "too_large": (
        "checkpoint_too_large",
        "the checkpoint unpacks into {detail}, which is more than this version takes",
        SAVE_WEIGHTS,
    ),
    "time": (
        "checkpoint_unreadable",
        "the checkpoint was not read within {detail}",
        CONVERT_YOURSELF,
    ),
    "killed": (
        "checkpoint_unreadable",
        "reading the checkpoint was ended from outside, most likely for want of memory",
        "free some memory and try again",
    ),
    "crash": (
        "checkpoint_unreadable",
        "reading the checkpoint crashed ({detail}): it is damaged, or made to do harm",
        CONVERT_YOURSELF,
    ),
    "foreign": (
        "checkpoint_not_weights",
        "the checkpoint is a zip archive or a pickle that torch.save did not write",
        "give a .safetensors file, or a .pt file that holds a state dict",
    ),
    "unreadable": (
        "checkpoint_unreadable",
        "torch cannot read the checkpoint: {detail}",
        f"copy it again, or {CONVERT_YOURSELF}",
    ),
}


def sandbox_status() -> SandboxStatus:
    """Whether this machine can lock a process in, found out by locking one in."""
    if sys.platform != "linux":
        return SandboxStatus(available=False, reason="the sandbox for torch files needs Linux")
    try:
        version = metadata.version("torch")
    except metadata.PackageNotFoundError:
        return SandboxStatus(available=False, reason="torch is not installed")
    with TemporaryDirectory() as room:
        answer = _run(_order(SandboxLimits(), 0, probe=True), {}, room, PROBE_S)
    if answer.outcome != "done":
        reason = (
            f"torch files (.pt, .pth) are refused, the sandbox for them cannot be locked "
            f"({answer.detail or answer.outcome}); it needs a network namespace, which a "
            "container or the kernel can forbid; .safetensors files are not affected"
        )
        return SandboxStatus(available=False, reason=reason)
    reason = f"torch files (.pt, .pth) are converted without network or privileges, torch {version}"
    return SandboxStatus(available=True, reason=reason)


def convert_torch_checkpoint(
    source: Path, target: Path, *, pointer: str, limits: SandboxLimits = SandboxLimits()
) -> Opened:
    """Write the state dict in `source` to `target` as safetensors, or raise ModelInvalid.

    Only tensors are written; the keys that they were found under are returned. `target` appears
    whole or not at all; nothing else is changed anywhere. What was written is to be read as
    carefully as any other file of a stranger.
    """
    opened: Opened = ()

    def convert(output: BinaryIO) -> None:
        nonlocal opened
        with _opened(source, pointer) as given, TemporaryDirectory(dir=target.parent) as room:
            order = _order(limits, source.stat().st_size, probe=False)
            descriptors = {"source": given.fileno(), "target": output.fileno()}
            answer = _run(order, descriptors, room, limits.wall_s)
        if answer.outcome != "done":
            raise _refusal(answer, source, pointer)
        opened = answer.opened

    try:
        write_atomically(target, convert)
    finally:
        target.with_name(target.name + PARTIAL).unlink(missing_ok=True)
    return opened


def _opened(source: Path, pointer: str) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError as error:
        raise ModelInvalid(
            f"the checkpoint cannot be read: {error.strerror}",
            hint="check the path and its permissions",
            pointer=pointer,
            file=str(source),
            code="checkpoint_unreadable",
        ) from None


def _order(limits: SandboxLimits, source_bytes: int, *, probe: bool) -> dict[str, Any]:
    return {
        "probe": probe,
        "wrappers": WRAPPERS,
        "parent": os.getpid(),
        "cpu_s": limits.cpu_s,
        "output_bytes": limits.output_bytes,
        # Weights fill their file. Another copy covers a tensor that is made contiguous.
        "memory_bytes": 2 * source_bytes + limits.spare_memory_bytes,
    }


def _run(order: dict[str, Any], descriptors: dict[str, int], room: str, wall_s: float) -> _Answer:
    """Start the program, wait no longer than `wall_s`, and leave nothing of it behind.

    `room` is the empty folder that becomes its whole file system.
    """
    with TemporaryFile(dir=room) as answer:
        given = {**descriptors, "answer": answer.fileno()}
        document = json.dumps({**order, **given, "room": room})
        process = subprocess.Popen(  # noqa: S603 - our own program, with numbers and a folder
            [sys.executable, "-I", "-W", "ignore", str(PROGRAM), document],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
            pass_fds=tuple(given.values()),
            start_new_session=True,
        )
        try:
            status = process.wait(wall_s)
        except subprocess.TimeoutExpired:
            return _Answer("time", f"{wall_s:g} seconds")
        finally:
            _end(process)
        answer.seek(0)
        return _read(answer.read(ANSWER_BYTES), status)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group, unless it ended: then its number may already be somebody else's."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(said: bytes, status: int) -> _Answer:
    if status == -signal.SIGXCPU:
        return _Answer("time", "its CPU time")
    if status == -signal.SIGKILL:
        return _Answer("killed")
    if status < 0:
        return _Answer("crash", signal.strsignal(-status) or f"signal {-status}")
    try:
        document = json.loads(said)
        outcome, detail = str(document["outcome"]), str(document["detail"])
        opened = _known_keys(document.get("opened", []))
    except (ValueError, TypeError, KeyError, RecursionError):
        return _Answer("crash", f"exit status {status}")
    if outcome == "done" and status == 0:
        return _Answer("done", opened=opened)
    return _Answer(outcome, detail) if outcome in REFUSALS else _Answer("crash", "no answer")


def _known_keys(opened: Any) -> Opened:
    """Whatever else a program that was overpowered may write there is no key of ours."""
    known = (tuple(key for key in WRAPPERS if key in layer) for layer in opened)
    return tuple(layer for layer in known if layer)


def _refusal(answer: _Answer, source: Path, pointer: str) -> ModelInvalid:
    code, sentence, hint = REFUSALS[answer.outcome]
    # The detail quotes the checkpoint: nothing of it may reach a terminal as control characters.
    detail = "".join(character for character in answer.detail if character.isprintable())
    return ModelInvalid(
        sentence.format(detail=detail),
        hint=hint,
        pointer=pointer,
        file=str(source),
        code=code,
    )
