"""Tables that scroll in a box of their own where a page is narrow, with a head on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kd_core.pages.html.markup import Markup, element


def wide_table(titles: Sequence[str], rows: Iterable[Sequence[str]], label: str) -> Markup:
    """The first column is a name, the others are numbers. The box can be scrolled by keyboard."""
    head = element("tr", (element("th", title, scope="col") for title in titles))
    body = (
        element("tr", element("th", row[0], scope="row"), (element("td", cell) for cell in row[1:]))
        for row in rows
    )
    table = element("table", element("thead", head), element("tbody", body))
    return element("div", table, class_="wide", tabindex="0", role="region", aria_label=label)
