"""What `still --help` takes before it answers: against the interpreter alone, and against 300 ms.

Time of processors, all processes of a call together: what neighbours on the machine take does not
count, and nobody waits for anything else.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparison import LEAST_ROUNDS, Row, arguments, finish

LIMIT_MS = 300.0
STILL = str(Path(sys.executable).with_name("still"))
INTERPRETER = (sys.executable, "-c", "pass")
VERBS = ("", "jobs", "submit", "distill")
"""Whose help is asked for; the first is the list of all of them."""


def used_ms(*command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def everything(rounds: int) -> Iterator[Row]:
    for verb in VERBS:
        command = (STILL, *verb.split(), "--help")
        used_ms(*command)  # its bytecode is there
        pairs = [(used_ms(*command), used_ms(*INTERPRETER)) for _ in range(rounds)]
        ours, theirs = map(statistics.median, zip(*pairs, strict=True))
        ratio = statistics.median(reference / mine for mine, reference in pairs)
        name = " ".join(["still", *command[1:]])
        yield Row(name, "against python -c pass", ours, theirs, "ms", ratio)
        if not verb:
            of_limit = LIMIT_MS / ours
            yield Row(name, f"against {LIMIT_MS:g} ms", ours, LIMIT_MS, "ms", of_limit, 1.0)


def main() -> int:
    given = arguments(__doc__ or "").parse_args()
    return finish(everything(2 if given.quick else LEAST_ROUNDS), given)


if __name__ == "__main__":
    sys.exit(main())
