"""How often an open job page asks: what the polling strategy promises, counted in a browser."""

import time
from contextlib import ExitStack

import pytest
from playwright.sync_api import expect

from stillhouse.client.looking import looks
from stillhouse.client.retry import Pace
from tests.support.dashboard import sign_in, window

pytestmark = pytest.mark.slow
WATCHED_S = 120
"""The promise is about two minutes. They are real ones, as in no other test: the service holds long
polls by its own clock, which the clock of a browser could not hurry."""
MINUTE_S = 60
MOST_A_MINUTE = 20
QUIET_SHARE = 0.6
TABS = {
    "overview": lambda page: page.get_by_role("heading", name="Gates"),
    "curves": lambda page: page.get_by_role("figure").first,
    "events": lambda page: page.get_by_role("heading", name="Log"),
}
"""And what shows that one is there, with its first requests sent."""
BEGINS_S = 60
LOOK = """visibility => {
    Object.defineProperty(document, "visibilityState", {
        configurable: true, get: () => visibility,
    });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""
"""A browser without a screen believes that every window is looked at."""


@pytest.fixture
def quiet(stillhouse, dataset):
    """Paused with some curves: nothing changes in it until somebody resumes it."""
    jobs = stillhouse.client.jobs
    made = stillhouse.submit_long(dataset, "nothing happens")
    for _ in looks(Pace(), "the first epoch", BEGINS_S):
        if "val/top1" in jobs.get(made.id).last:
            break
    jobs.pause(made.id)
    yield jobs.settled(made.id, BEGINS_S)
    jobs.cancel(made.id)


@pytest.fixture
def busy(stillhouse, dataset, quiet):
    """It trains; the other one has given back the worker."""
    assert quiet.state == "paused"
    made = stillhouse.submit_long(dataset, "something happens")
    yield made
    stillhouse.client.jobs.cancel(made.id)


class Watched:
    """A job page in a window of its own, and what it asks the service for."""

    def __init__(self, page, job, tab):
        self.page = page
        self.asked, self.answers = [], []
        page.on("request", self._ask)
        page.on("response", self._answer)
        page.goto(f"/jobs/{job.id}?tab={tab}")
        expect(TABS[tab](page)).to_be_visible()

    def _ask(self, request):
        if "/v1/" in request.url:
            self.asked.append((time.monotonic(), request.url))

    def _answer(self, response):
        if "/v1/" in response.url:
            self.answers.append(response)

    def begin(self):
        self.asked, self.answers = [], []

    def busiest_minute(self):
        times = [at for at, _ in self.asked]
        return max(
            (sum(start <= at < start + MINUTE_S for at in times) for start in times), default=0
        )

    def cheap_share(self):
        """Of what was answered: not modified, or held until there was something to say."""
        cheap = [
            answer.status == 304 or "preference-applied" in answer.headers
            for answer in self.answers
        ]
        return sum(cheap) / len(cheap)

    def look(self, visibility):
        self.page.evaluate(LOOK, visibility)


@pytest.fixture
def watch(browser, stillhouse):
    """Opens a tab of a job in a window of its own, as often as it is called."""
    with ExitStack() as open_windows:

        def opened(job, tab):
            page = open_windows.enter_context(window(browser, stillhouse.url))
            sign_in(page, stillhouse.key)
            return Watched(page, job, tab)

        yield opened


def test_an_open_job_page_asks_seldom_and_a_hidden_one_not_at_all(watch, busy, quiet):
    lively, still, hidden = (
        {f"{job.name}, {tab}": watch(job, tab) for tab in TABS} for job in (busy, quiet, busy)
    )
    for page in hidden.values():
        page.look("hidden")
    everything = [*lively.values(), *still.values(), *hidden.values()]
    for page in everything:
        page.begin()
    everything[0].page.wait_for_timeout(WATCHED_S * 1000)

    a_minute = {name: page.busiest_minute() for name, page in (lively | still).items()}
    shares = {name: page.cheap_share() for name, page in still.items()}
    assert min(a_minute.values()) > 0
    assert {name: most for name, most in a_minute.items() if most > MOST_A_MINUTE} == {}
    assert {name: share for name, share in shares.items() if share < QUIET_SHARE} == {}
    assert {name: page.asked for name, page in hidden.items() if page.asked} == {}
    for page in hidden.values():
        with page.page.expect_request("**/v1/jobs/**"):
            page.look("visible")
