"""The energy that a GPU counts by itself, asked of NVML, which comes with its driver."""

from __future__ import annotations

import ctypes
from contextlib import suppress

LIBRARY = "libnvidia-ml.so.1"
MILLIJOULES = 1000
SUCCESS = 0


class Meter:
    """Of one GPU, by its UUID. Where there is no driver, or the GPU does not count, it is silent:
    older ones do not, nor do parts of one that several share.
    """

    def __init__(self, uuid: str | None, library: str = LIBRARY) -> None:
        self._nvml: ctypes.CDLL | None = None
        self._gpu = ctypes.c_void_p()
        if uuid is None:
            return
        with suppress(OSError, AttributeError):
            nvml = ctypes.CDLL(library)
            name = f"GPU-{uuid}".encode()
            gpu = ctypes.byref(self._gpu)
            found = (nvml.nvmlInit_v2(), nvml.nvmlDeviceGetHandleByUUID(name, gpu))
            self._nvml = nvml if found == (SUCCESS, SUCCESS) else None

    def joules(self) -> float | None:
        """Since the driver was loaded: two readings make a measurement."""
        counted = ctypes.c_ulonglong()
        if self._nvml is None:
            return None
        told = self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._gpu, ctypes.byref(counted))
        return counted.value / MILLIJOULES if told == SUCCESS else None


def meter_of(device: str) -> Meter:
    if device != "cuda":
        return Meter(None)
    import torch

    return Meter(str(torch.cuda.get_device_properties(0).uuid))
