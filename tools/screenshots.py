"""The pictures of docs/report.md: a report.html as a desktop sees it, and a phone in the dark.

    python tools/screenshots.py out/report.html [--out docs/images]

Needs the Chromium of the system and the extra dev.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright


@dataclass(frozen=True)
class View:
    name: str
    width: int
    height: int
    scheme: str
    scale: float


VIEWS = (
    View("report-desktop", 1100, 1500, "light", 1),
    View("report-phone", 390, 1500, "dark", 1.5),
)


def taken(browser: Browser, page_file: Path, view: View, folder: Path, *, whole: bool) -> Path:
    context = browser.new_context(
        viewport={"width": view.width, "height": view.height},
        device_scale_factor=view.scale,
        color_scheme=view.scheme,
        offline=True,
    )
    page = context.new_page()
    page.goto(page_file.resolve().as_uri())
    path = folder / f"{view.name}.png"
    page.screenshot(path=path, full_page=whole)
    context.close()
    with Image.open(path) as picture:
        picture.convert("RGB").save(path, optimize=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--whole", action="store_true", help="the whole page, not its beginning")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for view in VIEWS:
            path = taken(browser, given.page, view, given.out, whole=given.whole)
            print(f"{path}  {path.stat().st_size:,} bytes")
        browser.close()


if __name__ == "__main__":
    main()
