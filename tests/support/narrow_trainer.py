"""The real trainer, with hardly any memory left to it once it trains: the kernel refuses for real.

`narrow_trainer.py stay|relent ARGUMENTS`: the limit stays, or goes when the batch is halved.
"""

import resource
import sys
from pathlib import Path

import kd_core
from kd_core import process
from kd_core.events import PhaseChanged, Warned

# Tensors above 64 kB leave the process when they are freed, so that a limit is felt at once.
OWN_PAGES = {"MALLOC_MMAP_THRESHOLD_": "65536"}
MORE = 3_000_000  # bytes: an arena of Python's and little else
_, HARD = resource.getrlimit(resource.RLIMIT_DATA)
whole = kd_core.distill


def allow(more):
    status = Path("/proc/self/status").read_text()
    used = int(status.split("VmData:")[1].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (HARD if more is None else used + more, HARD))


def distill(spec, workdir, *, on_event, **rest):
    def listen(event):
        if isinstance(event.data, PhaseChanged) and event.data.phase == "training":
            allow(MORE)
        elif event.type == "job.failed" or (isinstance(event.data, Warned) and RELENT):
            allow(None)
        on_event(event)

    return whole(spec, workdir, on_event=listen, **rest)


if __name__ == "__main__":
    RELENT = sys.argv.pop(1) == "relent"
    kd_core.distill = distill
    sys.exit(process.main())
