"""A job that trains, watched: what happens to the service is no reason to look away."""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow
NUMBER = re.compile(r"number (\d+)$")


@pytest.fixture(scope="module")
def job(stillhouse, dataset):
    made = stillhouse.submit_long(dataset, "watched")
    yield made
    stillhouse.client.jobs.cancel(made.id)


def numbers(page):
    """Of the events on the screen, the oldest first."""
    times = page.get_by_role("list", name="Events, the newest first").locator("time")
    titles = times.evaluate_all("all => all.map(one => one.title)")
    return [int(NUMBER.search(title)[1]) for title in reversed(titles)]


def event(page, number):
    return page.locator(f"time[title$='number {number}']")


def test_a_restart_of_the_service_loses_and_doubles_no_event(page, stillhouse, job):
    page.goto(f"/jobs/{job.id}?tab=events")
    page.get_by_label("Progress").check()
    expect(page.get_by_text("Live.")).to_be_visible()
    expect(page.locator("time[title*='number']").nth(8)).to_be_visible()
    page.evaluate("window.isTheSamePage = true")
    before = numbers(page)
    os.kill(stillhouse.up.child("api.main"), signal.SIGKILL)
    expect(page.get_by_role("heading", name="watched", exact=True)).to_be_visible()
    expect(event(page, before[-1] + 6)).to_be_visible()
    after = numbers(page)

    assert page.evaluate("window.isTheSamePage")
    assert after == list(range(after[0], after[-1] + 1))
    assert set(before) <= set(after)
    expect(page.get_by_text("Live.")).to_be_visible()
    expect(page.get_by_text("Stillhouse does not answer")).to_have_count(0)


def test_curves_grow_while_one_looks(page, job):
    page.goto(f"/jobs/{job.id}?tab=curves")
    figure = page.get_by_role("figure").first
    figure.get_by_text("Numbers").click()
    points = figure.get_by_role("table").get_by_role("cell").first
    before = points.inner_text()
    page.evaluate("window.isTheSamePage = true")

    expect(points).not_to_have_text(before)
    assert page.evaluate("window.isTheSamePage")


def test_the_log_comes_in_line_by_line(page, job):
    page.goto(f"/jobs/{job.id}?tab=events")

    expect(page.get_by_role("heading", name="Log")).to_be_visible()
