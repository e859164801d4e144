"""For hatch: a wheel contains the dashboard where it is built; without it the API says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = "dashboard/dist"
INSTALLED = "api/dashboard/built"


class WheelWithDashboard(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """An editable install finds it in the clone."""
        if version != "editable" and (Path(self.root) / BUILT / "index.html").exists():
            build_data["force_include"][BUILT] = INSTALLED
