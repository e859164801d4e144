"""The system's Chromium, driven by Playwright, shut off from any network."""

from __future__ import annotations

import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

# What the browser does by itself is no business of a page; root needs --no-sandbox.
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@contextmanager
def chromium():
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "these tests look at pages in Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def page_of(browser, file, **looks):
    """The file, opened; what it asked for, was refused and complained about is kept beside it."""
    context = browser.new_context(offline=True, **looks)
    page = context.new_page()
    page.requests, page.refused, page.complaints = [], [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("requestfailed", lambda request: page.refused.append((request.url, request.failure)))
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(file.as_uri())
    try:
        yield page
    finally:
        context.close()
