"""The dashboard as somebody uses it: built, served by a real service, in a real browser."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from stillhouse.client import StillhouseClient
from stillhouse.domain.uploads import UploadKind
from tests.support.small_runs import SIDE, small_data, small_spec, stripes

SOURCES = Path(__file__).parents[2] / "dashboard"
INDEX = SOURCES / "dist/index.html"
PATIENCE_MS = 120_000
"""For what a busy machine does at the pace that it has; nothing waits longer than it must."""
NAMES = ("down", "across")


def built():
    """The folder of the build. `./dev test` has made it; whoever runs pytest alone may not have."""
    if not INDEX.exists():
        with (SOURCES / "package.json").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # other processes of the tests want it as well
            if not INDEX.exists():
                path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
                words, environ = ["npm", "run", "build"], {**os.environ, "PATH": path}
                subprocess.run(words, cwd=SOURCES, env=environ, check=True)
    return INDEX.parent


class Stillhouse:
    """A service that runs, and what somebody has who uses it."""

    def __init__(self, up):
        self.up = up
        self.url = up.facts["url"]
        self.key = (up.home.data / "api-key").read_text().strip()
        self.client = StillhouseClient(self.url, self.key)

    def close(self):
        self.client.close()

    def dataset(self):
        """The reference of forty images."""
        file = small_data(self.up.home.folder / "stripes.npz", count=40)
        upload = self.client.uploads.send(file, UploadKind.DATASET)
        made = self.client.datasets.create(upload.id, "stripes")
        return self.client.datasets.wait(made.id).ref

    def submit(self, dataset, name, **changes):
        """A job of a second or two of training."""
        recipe = small_spec()["recipe"] | {"epochs": 1} | changes.pop("recipe", {})
        data = {"dataset": dataset, "image_size": SIDE}
        return self.client.jobs.create(small_spec(name=name, data=data, recipe=recipe, **changes))

    def submit_long(self, dataset, name):
        """One that goes on until it is cancelled, and tells of it all the time."""
        recipe = {"epochs": 10_000, "checkpoint_every_s": 1}
        return self.submit(dataset, name, recipe=recipe)


@contextmanager
def window(browser, url, **looks):
    """A page in a window of its own, on the sign-in screen; what it complains about is kept."""
    context = browser.new_context(base_url=url, **looks)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.addresses, page.complaints = [], []
    page.on("request", lambda request: page.addresses.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda told: told.type == "error" and page.complaints.append(told.text))
    try:
        yield page
    finally:
        context.close()


def sign_in(page, key):
    page.goto("/")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()


def row(page, name):
    """The row of a table whose first cell says this."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def section(page, title):
    """A section of a screen, by its heading."""
    return (
        page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True)).last
    )


def save_folder(path, count=40):
    """Images in a folder for each class."""
    images, labels = stripes(count)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        file = path / NAMES[label] / f"{number:03}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(file)
    return path
