"""What an open page of a job costs the service: counted for two minutes."""

from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from tests.support.dashboard import section, sign_in, window

pytestmark = pytest.mark.slow
MINUTES = 2
HIDE = """how => {
    Object.defineProperty(document, "visibilityState", { value: how, configurable: true });
    Object.defineProperty(document, "hidden", { value: how === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""


@dataclass
class Counted:
    """The requests of a page to the API, and how each was answered, if it was."""

    asked: list = field(default_factory=list)
    statuses: dict = field(default_factory=dict)

    def listen(self, page):
        page.on("request", lambda request: "/v1/" in request.url and self.asked.append(request))
        page.on("response", lambda told: self.statuses.update({told.request: told.status}))

    def is_cheap(self, request):
        return "prefer" in request.headers or self.statuses.get(request) == 304

    def cheap(self):
        return sum(self.is_cheap(request) for request in self.asked) / len(self.asked)

    def words(self):
        return [
            f"{self.statuses.get(one)} {one.method} {one.url.partition('/v1/')[2]}"
            for one in self.asked
        ]


@pytest.fixture(scope="module")
def jobs(stillhouse, dataset):
    """One that trains, and one that waits behind it: of that nothing changes."""
    made = [stillhouse.submit_long(dataset, name) for name in ("training", "waiting")]
    yield made
    for job in reversed(made):
        stillhouse.client.jobs.cancel(job.id)


@pytest.fixture(scope="module")
def counted(browser, stillhouse, jobs):
    """Five pages, each in a window of its own, over the same two minutes."""
    training, waiting = (job.id for job in jobs)
    addresses = {
        "overview": f"/jobs/{training}",
        "curves": f"/jobs/{training}?tab=curves",
        "events": f"/jobs/{training}?tab=events",
        "waiting": f"/jobs/{waiting}",
        "hidden": f"/jobs/{training}?tab=events",
    }
    counts = {name: Counted() for name in addresses}
    with ExitStack() as windows:
        pages = {name: windows.enter_context(window(browser, stillhouse.url)) for name in addresses}
        for name, page in pages.items():
            sign_in(page, stillhouse.key)
            if name != "hidden":
                counts[name].listen(page)
            page.goto(addresses[name])
            expect(page.get_by_role("tab", name="Overview")).to_be_visible()
        # Whoever hides a page in the middle of loading it gets the rest of it.
        expect(pages["hidden"].get_by_text("Live.")).to_be_visible()
        expect(section(pages["hidden"], "Log").locator("header p")).to_be_visible()
        pages["hidden"].evaluate(HIDE, "hidden")
        counts["hidden"].listen(pages["hidden"])
        pages["hidden"].wait_for_timeout(MINUTES * 60_000)
        counts["unhidden"] = Counted()
        counts["unhidden"].listen(pages["hidden"])
        seen = list(counts["hidden"].asked)
        with pages["hidden"].expect_request(f"**/v1/jobs/{training}"):
            pages["hidden"].evaluate(HIDE, "visible")
        counts["hidden"].asked = seen
    return counts


@pytest.mark.parametrize("name", ["overview", "curves", "events", "waiting"])
def test_an_open_page_asks_at_most_twenty_times_a_minute(counted, name):
    asked = counted[name].words()

    assert 0 < len(asked) <= 20 * MINUTES, asked


def test_while_nothing_changes_most_answers_are_empty_or_waited_for(counted):
    waiting = counted["waiting"]

    assert waiting.cheap() >= 0.6, waiting.words()


def test_a_hidden_page_asks_nothing_until_it_is_looked_at(counted):
    assert counted["hidden"].words() == []
    assert counted["unhidden"].asked
