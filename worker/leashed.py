"""A module run on a leash: `python -m worker.leashed LIMITS PARENT MODULE ARGUMENTS...`.

It dies with its parent and may use no more of the machine than LIMITS, a JSON object, says.
"""

from __future__ import annotations

import json
import resource
import runpy
import sys

from kd_core.process import die_with


def main() -> None:
    limits, parent, module, *arguments = sys.argv[1:]
    die_with(int(parent))
    for name, most in json.loads(limits).items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _, ceiling = resource.getrlimit(kind)
        allowed = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(kind, (allowed, allowed))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
