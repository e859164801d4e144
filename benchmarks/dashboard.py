"""The dashboard in Chromium before a real server: what it loads, when it answers, how it moves.

Each load is that of a tab which has nothing in its cache and a key in its storage. Ours is what was
measured, the reference what is allowed; a ratio of 1 or more keeps to it, and no noise is forgiven.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Locator, Response

from benchmarks import long_run
from benchmarks.comparison import LEAST_ROUNDS, Row, arguments, finish
from benchmarks.many_jobs import fill
from benchmarks.screens import Frames, Load, Screen, Stretch, idle, load, pan, tab, zoom
from stillhouse.store import create_engine, session_factory, upgrade
from tests.support.api import new_key
from tests.support.api_server import Server
from tests.support.chromium import chromium
from tests.support.dashboard import built
from tests.support.service import TENANT

MOST_SCRIPT_KB = 250.0
MOST_MS = 1000.0
LEAST_FRAMES = 30.0
FINER = 2.0
"""Times as many points of a stretch when it was zoomed into."""
JOBS, MANY_JOBS = 1_000, 10_000
STEPS = 100_000
USUAL_POINTS = 2_500
"""Of each curve: ten in an epoch."""
PAN_S = 4.0
STRETCH = Stretch(0.4, 0.6)
LOSS = {"train/loss", "val/loss"}
FINE = "This stretch is drawn in finer points."


@dataclass(frozen=True)
class Station:
    """A server, and the books that it shows."""

    server: Server
    long_run: str

    def jobs(self) -> Screen:
        return Screen(
            path="/jobs",
            ready="tbody a[href*='/jobs/job_']",
            click="tbody input[type=checkbox]",
            answered="tr[aria-selected=true]",
        )

    def overview(self) -> Screen:
        return Screen(
            path=f"/jobs/{self.long_run}",
            ready="[role=tabpanel] table",
            click="[data-tab=spec]",
            answered="[data-tab=spec][aria-selected=true]",
        )

    def curves(self) -> Screen:
        return Screen(
            path=f"/jobs/{self.long_run}?tab=curves",
            ready="figure .u-over",
            click="figure button[aria-pressed]",
            answered="figure button[aria-pressed=false]",
        )


def station(stack: ExitStack, folder: Path, jobs: int, steps: int) -> Station:
    folder.mkdir()
    url = f"sqlite:///{folder / 'stillhouse.db'}"
    upgrade(url)
    engine = create_engine(url)
    key = new_key(session_factory(engine), TENANT)
    run = long_run.add(engine, folder / "blobs", steps)
    fill(engine, jobs)
    engine.dispose()
    server = Server(folder, None, key, url, dashboard_dir=built())
    return Station(stack.enter_context(server), run)


def everything(given: Namespace) -> Iterator[Row]:
    jobs, steps, rounds = (1_000, 2_000, 2) if given.quick else (MANY_JOBS, STEPS, LEAST_ROUNDS)
    with ExitStack() as stack:
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-dashboard-")))
        few = station(stack, room / "few", JOBS, USUAL_POINTS)
        many = station(stack, room / "many", jobs, steps)
        browser = stack.enter_context(chromium())
        first = loads(browser, few, few.jobs(), rounds)
        yield from weights(few, first[0].fetched)
        yield from times("Jobs", f"of {JOBS} jobs", first)
        others = loads(browser, many, many.jobs(), rounds)
        yield from times("Jobs", f"of {jobs} jobs", others)
        others = loads(browser, few, few.overview(), rounds)
        yield from times("Job, overview", f"of {USUAL_POINTS} steps", others)
        others = loads(browser, few, few.curves(), rounds)
        yield from times("Job, curves", f"of {USUAL_POINTS} steps", others, most=None)
        others = loads(browser, many, many.curves(), 2)
        yield from times("Job, curves", f"of {steps} steps", others, most=None)
        yield from moved(browser, many, steps)


def loads(browser: Browser, at: Station, screen: Screen, rounds: int) -> Sequence[Load]:
    return [load(browser, at.server.url, at.server.key, screen) for _ in range(rounds)]


def weights(at: Station, fetched: Mapping[str, int]) -> Iterator[Row]:
    """Of what the Jobs screen had fetched when it answered."""
    scripts = {path: size for path, size in fetched.items() if path.endswith(".js")}
    case = f"first load of Jobs, {len(scripts)} files"
    yield of_limit("script, brotli", case, sum(scripts.values()) / 1e3, MOST_SCRIPT_KB, "kB")
    # What a browser takes that reaches the service without TLS, on another machine.
    plainer = sum(in_gzip(at.server, path) for path in scripts)
    yield of_limit("script, gzip", case, plainer / 1e3, MOST_SCRIPT_KB, "kB")
    for kind, ends in {"styles": (".css",), "fonts": (".woff2", ".woff", ".ttf")}.items():
        sizes = [size for path, size in fetched.items() if path.endswith(ends)]
        told = f"first load of Jobs, {len(sizes)} files"
        yield Row(kind, told, sum(sizes) / 1e3, None, "kB", None)


def in_gzip(server: Server, path: str) -> int:
    answer = server.client.get(path, headers={"Accept-Encoding": "gzip"})
    return int(answer.headers["Content-Length"])


def times(
    name: str, case: str, seen: Sequence[Load], most: float | None = MOST_MS
) -> Iterator[Row]:
    case = f"{case}, median of {len(seen)} loads"
    shown = statistics.median(one.ready_ms for one in seen)
    answered = statistics.median(one.answered_ms for one in seen)
    yield Row(f"{name}: shown", case, shown, None, "ms", None)
    if most is None:
        yield Row(f"{name}: answers a click", case, answered, None, "ms", None)
    else:
        yield of_limit(f"{name}: answers a click", case, answered, most, "ms")


def of_limit(name: str, case: str, ours: float, most: float, unit: str) -> Row:
    return Row(name, case, ours, most, unit, most / ours, target=1.0, slack=1.0)


def moved(browser: Browser, at: Station, steps: int) -> Iterator[Row]:
    """A long run, zoomed into and moved along: what is fetched and drawn."""
    with tab(browser, at.server.url, at.server.key, {}) as page:
        with page.expect_response(is_whole) as whole:
            page.goto(at.curves().path)
        loss = page.get_by_role("figure", name="Loss", exact=True)
        plot = loss.locator(".u-over")
        plot.scroll_into_view_if_needed()
        before, thinned = points_of(loss), points_in(whole.value.json(), steps)
        began = time.monotonic()
        with page.expect_response(is_stretch) as finer:
            zoom(page, plot, STRETCH)
        page.get_by_text(FINE).wait_for()
        took = (time.monotonic() - began) * 1e3
        asked = parse_qs(urlsplit(finer.value.url).query)
        # What lies outside the stretch stays as it was drawn.
        fine = points_of(loss) - before + thinned
        case = f"of {steps} steps, since_step={asked['since_step'][0]}"
        yield Row(
            "zoom: points in the stretch", case, fine, thinned, "points", fine / thinned, FINER, 1.0
        )
        yield Row("zoom: finer points are drawn", case, took, None, "ms", None)
        figures = page.get_by_role("figure")
        points = sum(points_of(figure) for figure in figures.all())
        yield from paces(
            f"{points} points in {figures.count()} charts",
            moving=pan(page, plot, PAN_S),
            still=idle(page, PAN_S / 4),
        )


def paces(case: str, moving: Frames, still: Frames) -> Iterator[Row]:
    rate = moving.per_s
    ratio = rate / LEAST_FRAMES
    yield Row("pan: frames drawn", case, rate, LEAST_FRAMES, "1/s", ratio, 1.0, slack=1.0)
    yield Row("pan: of which there could be", case, still.per_s, None, "1/s", None)
    middle, longest = statistics.median(moving.intervals), max(moving.intervals)
    yield Row("pan: from one to the next, the median", case, middle, None, "ms", None)
    yield Row("pan: from one to the next, the longest", case, longest, None, "ms", None)


def points_of(figure: Locator) -> int:
    """That its lines have, as its table says."""
    cells = figure.locator("tbody td:nth-child(2)").all_text_contents()
    return sum(int(cell.replace(",", "")) for cell in cells if cell != "constant")


def points_in(curves: dict[str, Any], steps: int) -> int:
    """Those of the chart of the loss that lie in the stretch."""
    first, last = (1 + share * (steps - 1) for share in (STRETCH.start, STRETCH.stop))
    lines = [one["steps"] for one in curves["series"] if one["name"] in LOSS]
    return sum(first <= step <= last for line in lines for step in line)


def is_whole(answer: Response) -> bool:
    return is_about_curves(answer) and "since_step=0&" in answer.url


def is_stretch(answer: Response) -> bool:
    return is_about_curves(answer) and not is_whole(answer)


def is_about_curves(answer: Response) -> bool:
    return "/metrics?" in answer.url and answer.ok


def main() -> int:
    given = arguments(__doc__ or "").parse_args()
    return finish(everything(given), given)


if __name__ == "__main__":
    sys.exit(main())
