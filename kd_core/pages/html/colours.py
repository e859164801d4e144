"""Whose line, dot and row it is: a class of the style sheet, told apart by shape as well."""

from __future__ import annotations

from collections.abc import Mapping

from kd_core.pages.html.markup import Markup, element

KNOWN = (
    *("teacher", "student", "baseline"),
    *("safetensors", "onnx", "onnx_uint8", "onnx_int8", "torch_export"),
)
CIRCLE = "M0-5.5a5.5 5.5 0 1 0 .01 0z"
SHAPES: Mapping[str, str] = {
    "teacher": "M-5-5h10v10h-10z",
    "student": CIRCLE,
    "safetensors": CIRCLE,
    "baseline": "M0-6.5L6.5 0 0 6.5-6.5 0z",
    "onnx_int8": "M0-6.5L6 5h-12z",
}
"""Around 0, 0; of everything else a cross."""
CROSS = "M-5-2h3v-3h4v3h3v4h-3v3h-4v-3h-3z"


def colour_of(name: str) -> str:
    return f"of-{name}" if name in KNOWN else "of-other"


def mark(name: str, x: float, y: float) -> Markup:
    return element(
        "path",
        d=SHAPES.get(name, CROSS),
        transform=f"translate({x:.1f} {y:.1f})",
        class_=f"mark {colour_of(name)}",
    )


def legend(names: Mapping[str, str]) -> Markup:
    """Names, each with what is said of it."""
    return element(
        "ul",
        (element("li", keyed(name), f" {said}" if said else "") for name, said in names.items()),
        class_="legend",
    )


def keyed(name: str) -> Markup:
    """A name with its mark."""
    drawn = mark(name, 8, 8)
    key = element("svg", drawn, viewBox="0 0 16 16", width=14, height=14, aria_hidden="true")
    return element("span", key, name, class_="keyed")
