"""Markup that is built, not written: whatever is not markup already is escaped on its way in.

What comes out is HTML and XML alike, so that a test can read it as strictly as XML is read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from html import escape

from kd_core.errors import printable

VOID = frozenset({"br", "img", "meta"})
LONGEST_NAME = 48
LONGEST_TITLE = 250
NAMELESS = '""'


class Markup(str):
    """Text that may stand in the page as it is."""

    __slots__ = ()


Content = str | Iterable[str]


def text(content: str) -> Markup:
    """Control characters, line ends and what turns the direction of writing become visible."""
    if isinstance(content, Markup):
        return content
    return Markup(escape(printable(content, sys.maxsize), quote=True))


def element(name: str, /, *content: Content, **attributes: str | float | None) -> Markup:
    """`class_` is the attribute class, `fill_opacity` is fill-opacity; None is no attribute."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(f"{value}")}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{told} />")
    return Markup(f"<{name}{told}>{together(*content)}</{name}>")


def together(*content: Content) -> Markup:
    parts = ([part] if isinstance(part, str) else part for part in content)
    return Markup("".join(text(one) for part in parts for one in part))


def name_of(found: str, longest: int = LONGEST_NAME) -> Markup:
    """What somebody called a class, a file or a run: cut where it is long, in its own direction."""
    shown = printable(found, longest)
    whole = None if shown == found else printable(found, LONGEST_TITLE)
    return element("bdi", shown if shown.strip() else NAMELESS, title=whole)


def section(identity: str, title: str, *content: Content) -> Markup:
    return element("section", element("h2", title), *content, id=identity)


def paragraph(said: str) -> Markup:
    return element("p", said)
