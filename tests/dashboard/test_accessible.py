"""Every screen, light and dark, as axe sees it: nothing that keeps somebody out."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.dashboard import SOURCES, sign_in, window

pytestmark = pytest.mark.slow
AXE = SOURCES / "node_modules/axe-core/axe.min.js"
GRAVE = """async (options) => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"], ...options });
    return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => [id, ...nodes.map(({ html, any }) =>
            `${html.slice(0, 160)} ${any.map(({ message }) => message).join("; ")}`)]);
}"""
IN_THE_DARK = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""All that differs."""
SETTLED = """() => !document.querySelector('[aria-busy="true"]')
    && document.getAnimations().every(one => one.playState !== "running")"""
DRAWN = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
NOTHING = {"light": [], "dark": []}
TABS = ["overview", "curves", "diagnosis", "events", "artifacts", "spec"]
# The policy of the dashboard lets no script in but its own.
LOOKS = {"bypass_csp": True, "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def looked_at(browser, stillhouse):
    with window(browser, stillhouse.url, **LOOKS) as page:
        sign_in(page, stillhouse.key)
        yield page


def grave(page):
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return {"light": seen(page, "light", {}), "dark": seen(page, "dark", IN_THE_DARK)}


def seen(page, scheme, options):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.evaluate(DRAWN)  # colours are on their way from one scheme to the other
    page.wait_for_function(SETTLED)
    return page.evaluate(GRAVE, options)


def open_screen(page, address):
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("."))


@pytest.mark.parametrize("tab", TABS)
def test_a_job(looked_at, pair, tab):
    open_screen(looked_at, f"/jobs/{pair[0].id}?tab={tab}")

    assert grave(looked_at) == NOTHING


@pytest.mark.parametrize("address", ["/jobs", "/jobs?name=nothing", "/new", "/nowhere", "/compare"])
@pytest.mark.usefixtures("pair")
def test_a_screen(looked_at, address):
    open_screen(looked_at, address)

    assert grave(looked_at) == NOTHING


def test_two_jobs_compared(looked_at, pair):
    open_screen(looked_at, f"/compare?jobs={','.join(job.id for job in pair)}")

    assert grave(looked_at) == NOTHING


@pytest.mark.parametrize("tab", ["models", "datasets", "uploads"])
@pytest.mark.usefixtures("pair")
def test_the_library(looked_at, tab):
    open_screen(looked_at, f"/library?tab={tab}")

    assert grave(looked_at) == NOTHING


@pytest.mark.parametrize("tab", ["workers", "queue", "storage", "keys"])
def test_the_system(looked_at, tab):
    open_screen(looked_at, f"/system?tab={tab}")

    assert grave(looked_at) == NOTHING


def test_a_form_that_is_all_unfolded(looked_at):
    open_screen(looked_at, "/new")
    looked_at.get_by_role("button", name="Add gates").click()
    looked_at.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")

    assert grave(looked_at) == NOTHING


def test_a_dialog(looked_at):
    open_screen(looked_at, "/system?tab=keys")
    looked_at.get_by_role("button", name="New key").click()
    expect(looked_at.get_by_role("dialog")).to_be_visible()

    assert grave(looked_at) == NOTHING


def test_the_way_in(browser, stillhouse):
    with window(browser, stillhouse.url, **LOOKS) as page:
        page.goto("/")
        page.get_by_label("API key").fill("sh_live_wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("This key is not known here")).to_be_visible()

        assert grave(page) == NOTHING


def test_what_is_wrong_would_be_seen(looked_at):
    open_screen(looked_at, "/nowhere")
    looked_at.evaluate("""() => {
        document.querySelector("main").append(document.createElement("img"));
        document.body.style.color = "var(--surface)";
    }""")
    found = grave(looked_at)

    assert {one for one, *_ in found["light"]} == {"image-alt", "color-contrast"}
    assert {one for one, *_ in found["dark"]} == {"color-contrast"}
