"""Screens of the dashboard in Chromium: when they answer, what they fetch, how they move."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from playwright.sync_api import Browser, Locator, Page

PATIENCE_MS = 120_000
WINDOW = {"width": 1440, "height": 900}
SWING_PX = 240.0
SWING_S = 1.5
"""A pan goes back and forth, so that it never comes to an end of the run."""
MOUSE = 1
"""The id of its pointer in Chromium."""

SIGN_IN = "if (location.protocol === 'http:') sessionStorage.setItem('stillhouse.key', {key})"
# By a script of the page itself, whose clock begins with the navigation. What is there counts from
# the frame that shows it.
WATCH = """
(wanted => {
  const seen = (window.bench = {});
  const left = new Map(Object.entries(wanted));
  const look = () => {
    for (const [name, selector] of left) {
      if (document.querySelector(selector) === null) continue;
      left.delete(name);
      requestAnimationFrame(() => setTimeout(() => (seen[name] = performance.now())));
    }
  };
  new MutationObserver(look).observe(document, {
    attributes: true, childList: true, subtree: true,
  });
})
"""
SEEN_ALL = """
count => new Promise(tell => {
  const look = () => {
    if (Object.keys(window.bench).length === count) tell(window.bench);
    else requestAnimationFrame(look);
  };
  look();
})
"""
FETCHED = """
() => performance.getEntriesByType("resource")
  .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize])
"""
# The pointer is moved from within, once in every frame: from outside each move would wait for the
# answer to the one before. A frame counts where something was drawn anew in it, not where the
# browser had nothing to do.
PAN = """
(plot, { seconds, pointerId, x, y, swing, period }) => new Promise(tell => {
  const { prototype } = CanvasRenderingContext2D;
  const { clearRect } = prototype;
  const frames = [];
  let began, drawn = 0;
  prototype.clearRect = function (...place) {
    drawn += 1;
    return clearRect.apply(this, place);
  };
  const frame = at => {
    began ??= at;
    if (drawn > 0) frames.push(at);
    drawn = 0;
    if (at - began > seconds * 1000) {
      prototype.clearRect = clearRect;
      tell(frames);
      return;
    }
    const clientX = x + swing * Math.sin((2 * Math.PI * (at - began)) / (period * 1000));
    const move = { pointerId, clientX, clientY: y, pointerType: "mouse", bubbles: true };
    plot.dispatchEvent(new PointerEvent("pointermove", { ...move, shiftKey: true }));
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})
"""


IDLE = """
seconds => new Promise(tell => {
  const frames = [];
  const frame = at => {
    frames.push(at);
    if (at - frames[0] > seconds * 1000) tell(frames);
    else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})
"""


@dataclass(frozen=True)
class Screen:
    """Where it is, and by which elements it is known to be there and to answer."""

    path: str
    ready: str
    click: str
    answered: str


@dataclass(frozen=True)
class Load:
    ready_ms: float
    """From the navigation until what was asked for is on the screen."""
    answered_ms: float
    """Until a click on it, made as soon as it is there, has its answer on the screen."""
    fetched: Mapping[str, int]
    """Bytes as they came over the network, by path."""


@contextmanager
def tab(browser: Browser, url: str, key: str, watched: Mapping[str, str]) -> Iterator[Page]:
    """Signed in, with nothing in its cache."""
    context = browser.new_context(base_url=url, viewport=WINDOW)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(SIGN_IN.format(key=json.dumps(key)))
    context.add_init_script(f"{WATCH.strip()}({json.dumps(watched)})")
    try:
        yield context.new_page()
    finally:
        context.close()


def load(browser: Browser, url: str, key: str, screen: Screen) -> Load:
    watched = {"ready": screen.ready, "answered": screen.answered}
    with tab(browser, url, key, watched) as page:
        page.goto(screen.path, wait_until="commit")
        page.wait_for_selector(screen.ready)
        # No waiting until it stands still: whoever clicks does not wait either.
        page.locator(screen.click).first.click(force=True)
        page.wait_for_selector(screen.answered)
        seen, fetched = page.evaluate(SEEN_ALL, 2), page.evaluate(FETCHED)
    return Load(seen["ready"], seen["answered"], dict(fetched))


@dataclass(frozen=True)
class Frames:
    """Milliseconds between one frame and the next."""

    intervals: Sequence[float]

    @classmethod
    def at(cls, times: Sequence[float]) -> Frames:
        return cls([after - before for before, after in pairwise(times)])

    @property
    def per_s(self) -> float:
        return 1e3 * len(self.intervals) / sum(self.intervals)


def idle(page: Page, seconds: float) -> Frames:
    """What the browser gives where nothing is drawn: more it cannot."""
    return Frames.at(page.evaluate(IDLE, seconds))


def pan(page: Page, plot: Locator, seconds: float) -> Frames:
    """By a drag with Shift, back and forth."""
    x, y = place_in(plot, 0.5)
    page.mouse.move(x, y)
    page.keyboard.down("Shift")
    page.mouse.down()
    asked = {"seconds": seconds, "pointerId": MOUSE, "x": x, "y": y}
    frames = plot.evaluate(PAN, {**asked, "swing": SWING_PX, "period": SWING_S})
    page.mouse.up()
    page.keyboard.up("Shift")
    return Frames.at(frames)


@dataclass(frozen=True)
class Stretch:
    start: float
    stop: float


def zoom(page: Page, plot: Locator, stretch: Stretch) -> None:
    """By a drag over a share of the plot, which shows all steps."""
    page.mouse.move(*place_in(plot, stretch.start))
    page.mouse.down()
    page.mouse.move(*place_in(plot, stretch.stop), steps=8)
    page.mouse.up()


def place_in(plot: Locator, share: float) -> tuple[float, float]:
    """Across this share of it, and half way down."""
    box = plot.bounding_box()
    if box is None:
        raise RuntimeError("the plot is not on the screen")
    return box["x"] + box["width"] * share, box["y"] + box["height"] / 2
