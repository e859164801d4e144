"""Settings that say where the service is reached from, each refused with a sentence when it cannot
mean anything.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")
ANYBODY = "*"


def _separated(given: object) -> object:
    if not isinstance(given, str):
        return given
    return tuple(part.strip() for part in given.split(",") if part.strip())


def _origins(given: tuple[str, ...]) -> tuple[str, ...]:
    for text in given:
        if text != ANYBODY and _ORIGIN.fullmatch(text) is None:
            raise ValueError(f"{text!r} is no origin; write https://example.org, without a path")
    return given


def _proxies(given: tuple[str, ...]) -> tuple[str, ...]:
    if ANYBODY in given:
        raise ValueError("whom everybody can pretend to be cannot be trusted; name addresses")
    for text in given:
        try:
            ipaddress.ip_network(text)
        except ValueError:
            raise ValueError(
                f"{text!r} is no address; write 10.0.0.5, or 10.0.0.0/24 for a network"
            ) from None
    return given


def _prefix(given: str) -> str:
    if _PREFIX.fullmatch(given) is None:
        raise ValueError(f"{given!r} is no prefix; write /stillhouse, without a / at its end")
    return given


Separated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_separated)]
Origins = Annotated[Separated, AfterValidator(_origins)]
Proxies = Annotated[Separated, AfterValidator(_proxies)]
RootPath = Annotated[str, AfterValidator(_prefix)]
