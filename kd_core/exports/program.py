"""A file of a student, loaded as a stranger would load it: `python -P program.py FILE THREADS`.

Nothing of ours is imported. An .onnx file gets numpy and onnxruntime, a .pt2 file torch, a folder
timm; but one that says that timm is not enough gets our networks too. What the images are scaled by
is read from the file itself.

On stdin a number of images, int64, and their pixels, uint8 [B, S, S, 3]; on stdout the shape of the
logits, two int64, and the logits, float32. For the number 0, what answering costs, float64
[1, 2 + repeats], as a shape and numbers in the same way: images a second in batches of `MANY`, the
bytes that this process held at the most, and the milliseconds of batches of one.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

WARMUP, REPEATS = 5, 30
MANY, MANY_WARMUP, MANY_REPEATS = 16, 1, 3
COUNT, SHAPE = struct.Struct("<q"), struct.Struct("<qq")
Array = Any  # numpy is not imported before the file is known to need it


@dataclass(frozen=True)
class Loaded:
    side: int
    prepare: Callable[[Array], Any]
    """From pixels [B, S, S, 3] to what it takes."""
    run: Callable[[Any], Array]
    """From what it takes to logits [B, C]."""
    known: Mapping[str, str]
    """What the file says of itself."""


def by_onnxruntime(file: str, threads: int) -> Loaded:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that wait by spinning take the cores from whoever works beside them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    known = session.get_modelmeta().custom_metadata_map
    name = session.get_inputs()[0].name
    return Loaded(
        side=int(known["image_size"]),
        prepare=(lambda pixels: pixels)
        if known["layout"] == "NHWC"
        else (lambda pixels: scaled(pixels, known)),
        run=lambda inputs: session.run(None, {name: inputs})[0],
        known=known,
    )


def by_torch(file: str, threads: int) -> Loaded:
    import torch

    torch.set_num_threads(threads)
    extra = {"student.json": ""}
    network = torch.export.load(file, extra_files=extra).module()
    known = json.loads(extra["student.json"])

    def run(inputs: torch.Tensor) -> Array:
        with torch.no_grad():
            answer: torch.Tensor = network(inputs)
        return answer.numpy()

    return Loaded(
        side=int(known["image_size"]),
        prepare=lambda pixels: torch.from_numpy(scaled(pixels, known)),
        run=run,
        known=known,
    )


def by_timm(folder: str, threads: int) -> Loaded:
    import torch

    with open(f"{folder}/config.json", encoding="utf-8") as file:  # noqa: PTH123 - as a stranger
        config = json.load(file)
    if "requires" in config:
        import kd_core.models.cifar  # noqa: F401 - its networks join timm's
    import timm

    torch.set_num_threads(threads)
    network: Any = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    scale = network.pretrained_cfg
    known = {key: json.dumps(scale[key]) for key in ("mean", "std")}

    def run(inputs: torch.Tensor) -> Array:
        with torch.no_grad():
            answer: torch.Tensor = network(inputs)
        return answer.numpy()

    return Loaded(
        side=int(scale["input_size"][-1]),
        prepare=lambda pixels: torch.from_numpy(scaled(pixels, known)),
        run=run,
        known=known,
    )


def scaled(pixels: Array, known: Mapping[str, str]) -> Array:
    """float32 [B, 3, S, S]"""
    import numpy as np

    mean, std = (np.array(json.loads(known[key]), np.float32) for key in ("mean", "std"))
    inputs = (pixels.astype(np.float32) / 255 - mean) / std
    return np.ascontiguousarray(inputs.transpose(0, 3, 1, 2))


def cost(loaded: Loaded, image: Array) -> Array:
    import numpy as np

    one = loaded.prepare(image)
    many = loaded.prepare(np.repeat(image, MANY, axis=0))
    milliseconds = [1000 * took for took in seconds(loaded, one, WARMUP, REPEATS)]
    together = np.median(seconds(loaded, many, MANY_WARMUP, MANY_REPEATS))
    return np.array([[MANY / together, peak_bytes(), *milliseconds]], np.float64)


def seconds(loaded: Loaded, inputs: Any, warmup: int, repeats: int) -> list[float]:
    taken = []
    for _ in range(warmup + repeats):
        began = time.perf_counter()
        loaded.run(inputs)
        taken.append(time.perf_counter() - began)
    return taken[warmup:]


def peak_bytes() -> int:
    """Not `ru_maxrss`, which begins with what the process held that started this one."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - as a stranger
        lines = dict(line.split(":", 1) for line in file)
    return int(lines["VmHWM"].split()[0]) * 1024


def serve(loaded: Loaded, given: BinaryIO, answers: BinaryIO) -> None:
    import numpy as np

    side = loaded.side
    image = np.zeros((1, side, side, 3), np.uint8)
    while header := given.read(COUNT.size):
        (count,) = COUNT.unpack(header)
        if count:
            data = given.read(count * image.nbytes)
            pixels = np.frombuffer(data, np.uint8).reshape(count, side, side, 3)
            found = loaded.run(loaded.prepare(pixels)).astype(np.float32)
            image = pixels[:1]
        else:
            found = cost(loaded, image)
        answers.write(SHAPE.pack(*found.shape) + found.tobytes())
        answers.flush()


def main() -> None:
    file, threads = sys.argv[1], int(sys.argv[2])
    # What a library prints is no answer.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        by_file = by_onnxruntime if file.endswith(".onnx") else by_torch
        load = by_timm if os.path.isdir(file) else by_file  # noqa: PTH112 - as a stranger
        serve(load(file, threads), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
