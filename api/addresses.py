"""Where the service is for its clients: under a prefix, perhaps, that a proxy puts before it."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.types import Scope

_ROOT: ContextVar[str] = ContextVar("root_path", default="")


def located(scope: Scope) -> None:
    """What is linked to while this request is answered lies under its root."""
    _ROOT.set(scope.get("root_path", ""))


def at(path: str) -> str:
    """A path of ours, as a client has to ask for it."""
    return f"{_ROOT.get()}{path}"


def own_path(scope: Scope) -> str:
    """What was asked for, as we call it: a proxy may leave the prefix on it, or take it off."""
    root, path = scope.get("root_path", ""), str(scope["path"])
    return path.removeprefix(root) if path.startswith(f"{root}/") else path
