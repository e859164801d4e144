"""The pictures of docs/dashboard.md: every screen, light and dark, on a desktop and on a phone.

    python -m tools.dashboard_screenshots [--out docs/images/dashboard] [--only jobs,compare]

A service is started and used for some minutes, so that there is something to see. With --keep it
stays, for whoever wants to look around. Needs the Chromium of the system and the extra dev.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.support.chromium import chromium
from tests.support.dashboard import sign_in, window
from tools.sample_service import Opened, Sample, sample_service

SETTLED = """() => !document.querySelector('[aria-busy="true"], [aria-hidden] > [class*="_line_"]')
    && document.getAnimations().every(one => one.playState !== "running")"""
"""Nothing moves, and no grey shape stands for what is on its way."""
HEIGHT = "document.documentElement.scrollHeight"
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class Device:
    name: str
    width: int
    height: int
    longest: int
    """What a picture shows at the most of a longer page."""
    scale: float

    def looks(self) -> dict[str, Any]:
        viewport = {"width": self.width, "height": self.height}
        return {"viewport": viewport, "device_scale_factor": self.scale, "reduced_motion": "reduce"}


DEVICES = (Device("desktop", 1280, 800, 1500, 1), Device("phone", 390, 844, 1700, 1.5))


@dataclass(frozen=True)
class Screen:
    address: str
    prepared: Callable[[Page], object] = lambda _page: None


def screens(sample: Sample) -> Mapping[str, Screen]:
    job = f"/jobs/{sample.compared[0]}"
    return {
        "jobs": Screen("/jobs"),
        "job": Screen(job),
        "job-curves": Screen(f"{job}?tab=curves"),
        "job-diagnosis": Screen(f"{job}?tab=diagnosis"),
        "job-events": Screen(f"/jobs/{sample.running}?tab=events"),
        "job-artifacts": Screen(f"{job}?tab=artifacts"),
        "job-spec": Screen(f"{job}?tab=spec"),
        "job-failed": Screen(f"/jobs/{sample.failed}"),
        "compare": Screen(f"/compare?jobs={','.join(sample.compared)}"),
        "new-job": Screen(f"/new?from={sample.compared[0]}", prepared=a_mistake),
        "library": Screen("/library"),
        "library-datasets": Screen("/library?tab=datasets"),
        "library-uploads": Screen("/library?tab=uploads"),
        "system": Screen("/system"),
        "system-queue": Screen("/system?tab=queue"),
        "system-storage": Screen("/system?tab=storage"),
        "system-keys": Screen("/system?tab=keys"),
    }


def a_mistake(page: Page) -> None:
    """What is wrong is said at its place."""
    page.get_by_label("Epochs", exact=True).first.fill("0")


EMPTY: Mapping[str, Screen] = {"jobs-empty": Screen("/jobs"), "library-empty": Screen("/library")}
DOOR: Mapping[str, Screen] = {"sign-in": Screen("/")}


class Camera:
    def __init__(
        self, browser: Browser, opened: Opened, folder: Path, only: frozenset[str]
    ) -> None:
        self._browser = browser
        self._opened = opened
        self._folder = folder
        self._only = only

    def take(self, wanted: Mapping[str, Screen], *, signed_in: bool = True) -> None:
        taken = {name: one for name, one in wanted.items() if not self._only or name in self._only}
        if not taken:
            return
        for device in DEVICES:
            with self._window(device, signed_in=signed_in) as page:
                for name, screen in taken.items():
                    self._shoot(page, device, name, screen)

    @contextmanager
    def _window(self, device: Device, *, signed_in: bool) -> Iterator[Page]:
        with window(self._browser, self._opened.url, **device.looks()) as page:
            if signed_in:
                sign_in(page, self._opened.key)
            yield page

    def _shoot(self, page: Page, device: Device, name: str, screen: Screen) -> None:
        page.set_viewport_size({"width": device.width, "height": device.height})
        page.goto(screen.address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settle(page)
        screen.prepared(page)
        # A taller window, since what stays at an edge would cross the picture of a whole page.
        tall = min(max(page.evaluate(HEIGHT), device.height), device.longest)
        page.set_viewport_size({"width": device.width, "height": tall})
        page.evaluate("scrollTo(0, 0)")
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            settle(page)
            path = self._folder / f"{name}-{device.name}-{scheme}.webp"
            with Image.open(BytesIO(page.screenshot())) as picture:
                picture.convert("RGB").save(path, lossless=True, method=6)
            print(f"{path}  {path.stat().st_size:,} bytes")


def settle(page: Page) -> None:
    """Charts are drawn, and what is asked for when it comes into sight is there."""
    page.wait_for_timeout(700)
    page.wait_for_function(SETTLED)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("docs/images/dashboard"))
    parser.add_argument("--only", default="", help="names of screens, with commas between them")
    parser.add_argument("--keep", action="store_true", help="do not stop the service")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    only = frozenset(filter(None, given.only.split(",")))
    with sample_service() as opened, chromium() as browser:
        camera = Camera(browser, opened, given.out, only)
        camera.take(DOOR, signed_in=False)
        camera.take(EMPTY)
        if given.keep or only - {*DOOR, *EMPTY} or not only:
            print("using the service for some minutes")
            camera.take(screens(opened.filling.done()))
        if given.keep:
            print(f"{opened.url}  {opened.key}")
            input("Return ends it. ")


if __name__ == "__main__":
    main()
