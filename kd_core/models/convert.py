"""The program that rewrites a torch checkpoint as safetensors, locked in before it reads a byte.

It is started as a file by a fresh interpreter (`kd_core.models.sandbox`), so it imports nothing of
this project. Torch is imported while files can still be opened; the checkpoint is looked at when
nothing can: no network, no file system, no privilege, no new descriptor, no new process.
"""

from __future__ import annotations

import ctypes
import fcntl
import io
import json
import os
import re
import resource
import signal
import socket
import struct
import sys
import time
from argparse import Namespace
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, BinaryIO

FIRST_SAFE_TORCH = (2, 10)  # before it, weights_only could be made to corrupt memory
NOBODY = 65534
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CAPABILITIES_VERSION_3 = 0x20080522
SIOCGIFFLAGS, IFF_UP = 0x8913, 0x1
# How torch says that a pickle or a zip archive holds something else.
NOT_FROM_TORCH = ("magic number", "Unsupported operand", "hasRecord", "not in a subdirectory")
# Numbers and settings that training scripts save beside their weights. They are not code, and
# nobody looks at them: whatever they are made of, an empty object is made instead.
BYSTANDERS = (
    "argparse.Namespace",
    *(
        f"numpy{core}.multiarray.{name}"
        for core in (".core", "._core")
        for name in ("scalar", "_reconstruct")
    ),
    "numpy.dtype",
    "numpy.ndarray",
    *(f"pathlib{room}.{kind}Path" for room in ("", "._local") for kind in ("Posix", "Windows")),
)
DEEPEST = 4
SHOWN_KEYS = 8
SHOWN_CHARACTERS = 300

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """Why there is no conversion: an outcome that the parent knows, and a detail to show."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(outcome, detail)
        self.outcome, self.detail = outcome, detail


class Bystander:
    """Stands for an object beside the weights, without any of what it was made from."""

    def __init__(self, *_: Any) -> None:
        """Keep nothing."""

    def __setstate__(self, _: Any) -> None:
        """Keep nothing."""


def main(order: dict[str, Any]) -> None:
    """Carry out the order and leave the answer, a JSON object, in the descriptor named by it."""
    opened: list[list[str]] = []
    try:
        lock_in(order)
        if not order["probe"]:
            opened = convert(order)
        outcome, detail = "done", ""
    except Refused as refused:
        outcome, detail = refused.outcome, refused.detail
    except Exception as error:  # noqa: BLE001 - the edge of the process: everything is an answer
        outcome, detail = reading_failed(error)
    answer = {"outcome": outcome, "detail": detail[:SHOWN_CHARACTERS], "opened": opened}
    os.write(order["answer"], json.dumps(answer).encode())


def lock_in(order: dict[str, Any]) -> None:
    """All of it, or no conversion: a lock that does not close is a reason to refuse."""
    try:
        isolate(order["parent"])
        if not order["probe"]:
            warm_up()
        confine(order)
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise Refused("unavailable", f"{type(error).__name__}: {error}") from None


def isolate(parent: int) -> None:
    """Leave the network. It must come before any thread exists, so before torch."""
    die_with(parent)
    as_root = os.geteuid() == 0
    _call("unshare", CLONE_NEWNET if as_root else CLONE_NEWUSER | CLONE_NEWNET)
    usable = interfaces_that_are_up()
    if usable:
        raise Refused("unavailable", f"the network is still there: {', '.join(usable)}")
    die_with(parent)


def die_with(parent: int) -> None:
    """No conversion outlives the one who waits for it.

    The kernel forgets this wish whenever credentials change, so it is repeated after each change.
    """
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit(1)


def interfaces_that_are_up() -> list[str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        return [name for _, name in socket.if_nameindex() if _flags(asking, name) & IFF_UP]


def _flags(asking: socket.socket, interface: str) -> int:
    request = struct.pack("16sH14x", interface.encode(), 0)
    answer = fcntl.ioctl(asking.fileno(), SIOCGIFFLAGS, request)
    return int(struct.unpack("16sH14x", answer)[1])


def confine(order: dict[str, Any]) -> None:
    """Give up the file system, every privilege, and more of anything than the order allows."""
    keep = {0, 1, 2, *(order[name] for name in ("source", "target", "answer") if name in order)}
    _close_all_but(keep)
    mapped = _mapped_bytes()
    os.chroot(order["room"])
    os.chdir("/")
    for what, most in (
        (resource.RLIMIT_AS, mapped + order["memory_bytes"]),
        (resource.RLIMIT_CPU, int(time.process_time()) + 1 + order["cpu_s"]),
        (resource.RLIMIT_FSIZE, order["output_bytes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, max(keep) + 1),  # those that are open, and no other
        (resource.RLIMIT_NPROC, 0),
    ):
        limit(what, most)
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    _drop_capabilities()
    die_with(order["parent"])


def limit(what: int, most: int) -> None:
    """Set for good, and never above the one that is already there."""
    _, ceiling = resource.getrlimit(what)
    if ceiling != resource.RLIM_INFINITY:
        most = min(most, ceiling)
    # At its hard limit the kernel kills without a word; at the soft one it says why.
    spare = 1 if what == resource.RLIMIT_CPU and most != ceiling else 0
    resource.setrlimit(what, (most, most + spare))


def _close_all_but(keep: Collection[int]) -> None:
    for descriptor in [int(link.name) for link in Path("/proc/self/fd").iterdir()]:
        if descriptor not in keep:
            with suppress(OSError):  # the one that listed the folder
                os.close(descriptor)


def _mapped_bytes() -> int:
    """Torch maps gigabytes that it never touches; the limit counts from there."""
    return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()


def _drop_capabilities() -> None:
    """A user namespace hands out every capability inside it; none is needed from here on."""
    header = struct.pack("<Ii", CAPABILITIES_VERSION_3, 0)
    _call("capset", ctypes.c_char_p(header), ctypes.c_char_p(bytes(24)))


def _call(name: str, *arguments: Any) -> None:
    """A system call that must succeed. Numbers are widened: the kernel reads all 64 bits."""
    wide = [ctypes.c_ulong(given) if isinstance(given, int) else given for given in arguments]
    if getattr(libc, name)(*wide) != 0:
        raise Refused("unavailable", f"{name}: {os.strerror(ctypes.get_errno())}")


def warm_up() -> None:
    """Import all that reading, refusing and writing need: later no file can be opened."""
    import torch

    if not is_safe(torch.__version__):
        raise Refused("old_torch", torch.__version__)
    for new_format in (True, False):
        # Bytes are written as a text and a codec, which has to be found as well.
        for beside in (Namespace(seed=b"0"), Refused):
            file = io.BytesIO()
            value = {"weights": {"value": torch.zeros(2)}, "beside": beside}
            torch.save(value, file, _use_new_zipfile_serialization=new_format)
            file.seek(0)
            try:
                write(unwrap(load(file), ["weights"])[0], io.BytesIO(), most=1000)
            except UnpicklingError as error:
                reading_failed(error)


def is_safe(version: str) -> bool:
    return tuple(int(part) for part in version.split(".")[:2]) >= FIRST_SAFE_TORCH


def convert(order: dict[str, Any]) -> list[list[str]]:
    """Returns what stood around the weights, as `unwrap` does."""
    with os.fdopen(order["source"], "rb", closefd=False) as file:
        state, opened = unwrap(load(file), order["wrappers"])
    check(state)
    with os.fdopen(order["target"], "wb", closefd=False) as file:
        write(state, file, order["output_bytes"])
    return opened


def load(file: BinaryIO) -> Any:
    import torch

    with torch.serialization.safe_globals([(Bystander, name) for name in BYSTANDERS]):
        return torch.load(file, map_location="cpu", weights_only=True)


def unwrap(state: Any, wrappers: Sequence[str]) -> tuple[Any, list[list[str]]]:
    """The mapping under the first of the keys that are there, and so on inwards.

    Also, for each that was opened, its key and after it the keys that it was preferred to.
    """
    opened: list[list[str]] = []
    while isinstance(state, dict) and len(opened) < DEEPEST:
        there = [key for key in wrappers if isinstance(state.get(key), dict) and state[key]]
        if not there:
            break
        opened.append(there)
        state = state[there[0]]
    return state, opened


def reading_failed(error: Exception) -> tuple[str, str]:
    """What torch's long messages come down to."""
    text = str(error)
    if isinstance(error, MemoryError) or "allocate memory" in text:
        return "memory", ""
    if "TorchScript" in text:
        return "code", "a TorchScript program"
    if wanted := re.search(r"GLOBAL (\S+)", text):
        return "code", wanted[1]
    if any(sign in text for sign in NOT_FROM_TORCH):
        return "foreign", ""
    reason = text.rpartition("WeightsUnpickler error:")[2].strip().splitlines()
    sentence = reason[0].partition(". ")[0] if reason else "no reason given"
    return "unreadable", f"{type(error).__name__}: {sentence}"


def check(state: Any) -> None:
    """Only a flat mapping from names to plain tensors is a state dict."""
    import torch

    if not isinstance(state, dict):
        raise Refused("not_a_mapping", type(state).__name__)
    others = [key for key, value in state.items() if not isinstance(value, torch.Tensor)]
    if others or not all(isinstance(key, str) for key in state):
        shown = ", ".join(map(repr, list(state)[:SHOWN_KEYS]))
        raise Refused("wrapper", shown + (", ..." if len(state) > SHOWN_KEYS else ""))
    for name, tensor in state.items():
        if tensor.layout != torch.strided or tensor.is_quantized or tensor.device.type != "cpu":
            kind = "quantised" if tensor.is_quantized else f"{tensor.layout}, {tensor.device}"
            raise Refused("tensor", f"{name!r} ({kind})")
        if tensor.dtype not in dtype_names():
            raise Refused("tensor", f"{name!r} ({tensor.dtype})")


def dtype_names() -> dict[Any, str]:
    """The types that weights and buffers come in, by the names that safetensors gives them."""
    import torch

    return {
        torch.float64: "F64",
        torch.float32: "F32",
        torch.float16: "F16",
        torch.bfloat16: "BF16",
        torch.int64: "I64",
        torch.int32: "I32",
        torch.int16: "I16",
        torch.int8: "I8",
        torch.uint8: "U8",
        torch.bool: "BOOL",
    }


def write(state: dict[str, Any], file: BinaryIO, most: int) -> None:
    """The safetensors format, one tensor at a time.

    The library's own writer wants a path, which cannot be opened here, or holds the file in
    memory twice. Tensors that share memory are written once for each name.
    """
    import torch

    names = dtype_names()
    # The widest first keeps every tensor aligned, as the library does.
    order = sorted(state, key=lambda name: (-state[name].element_size(), name))
    header: dict[str, Any] = {}
    end = 0
    for name in order:
        tensor = state[name]
        start, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": names[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if 8 + len(text) + end > most:
        raise Refused("too_large", f"{end} bytes of tensors")
    file.write(struct.pack("<Q", len(text)) + text)
    for name in order:
        flat = state[name].detach().contiguous().reshape(-1)
        file.write(flat.view(torch.uint8).numpy())


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
    # Torch's own farewell wants files that are out of reach by now; the answer is given.
    os._exit(0)
