"""report.html in a real browser: alone, on a phone, in the dark, on paper."""

from xml.etree import ElementTree as ET

import pytest

from kd_core.pages.html.page import html
from tests.support.chromium import chromium, page_of
from tests.support.reports import hostile_report, whole_report

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
PAPER = {"viewport": {"width": 703, "height": 1032}}
"""A4 less its margins of 14 mm, at 96 dots to the inch."""
NAMES = ["whole", "hostile", "many", "unlabelled"]


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    reports = {
        "whole": whole_report(),
        "hostile": hostile_report(),
        "many": whole_report(classes=1000, count=400),
        "unlabelled": whole_report(labelled=False),
    }
    for name, report in reports.items():
        (folder / f"{name}.html").write_text(html(report), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in reports}


def colour(page, selector, which):
    return page.eval_on_selector(selector, f"node => getComputedStyle(node).{which}")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_for_nothing_but_itself(browser, files, name):
    with page_of(browser, files[name]) as page:
        asked = [url for url in page.requests if not url.startswith("data:image/png;base64,")]
        broken = page.evaluate("[...document.images].filter(i => !i.naturalWidth).length")
        complaints = page.complaints

    assert asked == [files[name].as_uri()]
    assert (broken, complaints) == (0, [])


@pytest.mark.parametrize("name", NAMES)
def test_the_browser_sees_every_element_where_it_was_put(browser, files, name):
    tree = ET.parse(files[name])  # noqa: S314 - our own page
    with page_of(browser, files[name]) as page:
        seen = page.evaluate("[...document.querySelectorAll('*')].map(e => e.localName)")

    assert [node.tag for node in tree.iter()] == seen


def test_the_policy_stops_what_a_page_would_load_and_run(browser, files, tmp_path):
    """As if something had slipped through."""
    address = "http://127.0.0.1:9/x.png"
    added = f"<script>document.title = 'ran'</script><img src='{address}' /></body>"
    file = tmp_path / "planted.html"
    file.write_text(files["whole"].read_text().replace("</body>", added))
    with page_of(browser, file) as page:
        title, refused = page.title(), page.refused

    assert title == "shelves: compression report"
    assert refused == [(address, "csp")]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [320, 390])
def test_on_a_phone_the_page_does_not_scroll_sideways(browser, files, name, width):
    looks = PHONE | {"viewport": {"width": width, "height": 844}}
    with page_of(browser, files[name], **looks) as page:
        widest = page.evaluate("document.documentElement.scrollWidth")

    assert widest == width


def test_on_a_phone_wide_tables_scroll_in_their_own_box(browser, files):
    with page_of(browser, files["whole"], **PHONE) as page:
        inside, box = page.eval_on_selector(
            "#models .wide", "node => [node.scrollWidth, node.clientWidth]"
        )
        moved = page.eval_on_selector(
            "#models .wide", "node => { node.scrollLeft = 1000; return node.scrollLeft }"
        )

    assert inside > box
    assert moved == inside - box


def test_light_and_dark_follow_the_reader(browser, files):
    shades = {}
    for scheme in ("light", "dark"):
        with page_of(browser, files["whole"], color_scheme=scheme) as page:
            shades[scheme] = [
                colour(page, "body", "backgroundColor"),
                colour(page, "body", "color"),
                colour(page, "#models .of-student", "fill"),
            ]

    assert shades["light"] == ["rgb(255, 255, 255)", "rgb(28, 33, 38)", "rgb(0, 114, 178)"]
    assert shades["dark"] == ["rgb(20, 24, 28)", "rgb(230, 233, 236)", "rgb(86, 180, 233)"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_the_paper(browser, files, scheme):
    with page_of(browser, files["whole"], color_scheme=scheme) as page:
        paper = colour(page, "body", "backgroundColor")
        inks = {
            selector: colour(page, selector, "color")
            for selector in ("body", "figcaption", ".verdict", "dt", ".lost b")
        }

    assert dict.fromkeys(inks, True) == {s: contrast(ink, paper) >= 4.5 for s, ink in inks.items()}


@pytest.mark.parametrize("name", ["whole", "hostile"])
def test_on_paper_no_row_is_cut_and_heads_are_repeated(browser, files, name):
    with page_of(browser, files[name], color_scheme="dark", **PAPER) as page:
        page.emulate_media(media="print")
        breaks = page.evaluate(
            "[...new Set([...document.querySelectorAll('tr, figure, .flips li')]"
            ".map(node => getComputedStyle(node).breakInside))]"
        )
        tallest = page.evaluate(
            "Math.max(...[...document.querySelectorAll('tr, figure, .flips li')]"
            ".map(node => node.getBoundingClientRect().height))"
        )
        wide = page.evaluate(
            "[...document.querySelectorAll('table, svg')]"
            ".filter(node => node.getBoundingClientRect().right > innerWidth + 1).length"
        )
        heads, paper = colour(page, "thead", "display"), colour(page, "body", "backgroundColor")
        printed = page.pdf(format="A4")

    assert breaks == ["avoid"]
    assert tallest < PAPER["viewport"]["height"]
    assert wide == 0
    assert (heads, paper) == ("table-header-group", "rgb(255, 255, 255)")
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") > 1


def contrast(one, other):
    """By WCAG, of two colours as a browser writes them."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(written):
    shares = [int(part) / 255 for part in written.removeprefix("rgb(")[:-1].split(",")]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
