"""Ours against a reference in one process: interleaved, median of ratios, a table, a verdict.

A machine is never quiet. Two measurements a second apart may differ by half; two that alternate
within a round see the same neighbours, so what is kept is the ratio of each round.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

LEAST_ROUNDS = 7
ROUND_S = 0.12  # a round repeats what is quicker than that
NOISE = 0.8  # --check fails below this share of a target


@dataclass(frozen=True)
class Row:
    """One comparison. `ratio` is how many times better ours is; without a target it is a report."""

    name: str
    case: str
    ours: float | None
    reference: float | None
    unit: str
    ratio: float | None
    target: float | None = None
    slack: float = NOISE
    """The share of the target below which `--check` fails."""

    @property
    def met(self) -> bool | None:
        if self.target is None or self.ratio is None:
            return None
        return self.ratio >= self.target

    @property
    def passes(self) -> bool:
        return self.target is None or (self.ratio or 0.0) >= self.slack * self.target


def seconds(work: Callable[[], object], repeats: int) -> float:
    began = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - began) / repeats


def compare(
    ours: Callable[[], object],
    reference: Callable[[], object],
    rounds: int = LEAST_ROUNDS,
    *,
    settled: bool = False,
) -> tuple[float, float, float]:
    """Seconds of ours and of the reference (medians), and the median ratio of the rounds.

    `settled`: each is called once in a round before it is timed, and not charged for what the other
    left in caches and heap, which may be gigabytes.
    """
    timed = _settled if settled else seconds
    repeats = [_repeats(work) for work in (ours, reference)]
    pairs = [(timed(ours, repeats[0]), timed(reference, repeats[1])) for _ in range(rounds)]
    mine, theirs = zip(*pairs, strict=True)
    ratio = statistics.median(their / my for my, their in pairs)
    return statistics.median(mine), statistics.median(theirs), ratio


def _settled(work: Callable[[], object], repeats: int) -> float:
    work()
    return seconds(work, repeats)


def _repeats(work: Callable[[], object]) -> int:
    once = min(seconds(work, 1) for _ in range(2))
    return max(1, int(ROUND_S / 2 / once))


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="few cases: does it run at all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows there")
    parser.add_argument(
        "--check", action="store_true", help="exit 1 too far below a target, and say where"
    )
    return parser


def finish(rows: Iterable[Row], given: argparse.Namespace) -> int:
    """Print the rows as they come, then what was asked for. Returns the exit status."""
    print(_line("name", "case", "ours", "reference", "unit", "ratio", "target", "met"))
    print("| --- | --- | ---: | ---: | --- | ---: | ---: | --- |", flush=True)
    kept = []
    for row in rows:
        kept.append(row)
        print(_shown(row), flush=True)
    if given.json:
        documents = [{**asdict(row), "met": row.met} for row in kept]
        given.json.write_text(json.dumps(documents, indent=2) + "\n", encoding="utf-8")
    return _verdict(kept) if given.check else 0


def _verdict(rows: Sequence[Row]) -> int:
    missed = [row for row in rows if not row.passes]
    for row in missed:
        print(
            f"below {row.slack} of its target: {row.name} {row.case}: {row.ratio} of {row.target}",
            file=sys.stderr,
        )
    with_target = sum(row.target is not None for row in rows)
    print(f"{with_target - len(missed)} of {with_target} targets hold", file=sys.stderr)
    return 1 if missed else 0


def _shown(row: Row) -> str:
    met = {None: "", True: "yes", False: "no"}[row.met]
    numbers = (row.ours, row.reference)
    ours, reference = ("" if at is None else f"{at:.4g}" for at in numbers)
    ratio, target = ("" if at is None else f"{at:.2f}" for at in (row.ratio, row.target))
    return _line(row.name, row.case, ours, reference, row.unit, ratio, target, met)


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
