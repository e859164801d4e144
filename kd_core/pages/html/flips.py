"""Pictures that the student answers otherwise than the reference."""

from __future__ import annotations

from kd_core.diagnosis import MOST_FLIPS, Flip, Said
from kd_core.pages import sentences
from kd_core.pages.html.markup import Markup, element, name_of, paragraph, section
from kd_core.report import Report

KINDS = {
    "lost": "lost",
    "gained": "gained",
    "both_wrong": "both wrong",
    "unlabelled": "differing",
}


def flips(report: Report) -> Markup | None:
    found, said = report.diagnosis, sentences.flips(report)
    if found is None or found.flips is None or said is None:
        return None
    reference = str(found.reference)
    shown = found.flips.shown[:MOST_FLIPS]
    cards = element("ul", (_card(flip, reference) for flip in shown), class_="flips")
    return section("flips", "Answers that changed", paragraph(said), cards if shown else ())


def _card(flip: Flip, reference: str) -> Markup:
    picture: tuple[Markup, ...] = ()
    if flip.thumbnail is not None:
        address = f"data:image/png;base64,{flip.thumbnail}"
        picture = (element("img", src=address, alt="", width=96, height=96),)
    return element(
        "li",
        picture,
        element(
            "dl",
            () if flip.true is None else _pair("true", name_of(flip.true)),
            _pair(reference, _said(flip.reference)),
            _pair("student", _said(flip.student)),
        ),
        element("small", element("b", KINDS[flip.kind]), " ", name_of(flip.sample)),
        class_=flip.kind,
    )


def _pair(term: str, said: Markup) -> tuple[Markup, Markup]:
    return element("dt", term), element("dd", said)


def _said(said: Said) -> Markup:
    return Markup(f"{name_of(said.answer)}, {said.confidence:.0%}")
