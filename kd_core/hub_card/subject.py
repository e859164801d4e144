"""What a card is about: everything that its sections tell, in one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kd_core.model_card import Card
from kd_core.report import ArtifactReport, Report
from kd_core.spec import DistillSpec
from kd_core.spec.sources import FILE


@dataclass(frozen=True)
class Subject:
    report: Report
    spec: DistillSpec
    card: Card
    """Of the student."""
    inputs: Mapping[str, str]
    """Digests of the data and of the teachers."""
    device: str
    device_name: str | None = None
    """Of what the networks were measured on."""

    @property
    def files(self) -> Iterator[ArtifactReport]:
        return (one for one in self.report.artifacts if one.status == "ready")

    @property
    def data_name(self) -> str:
        """Without the way to it, which is of one machine."""
        return self.spec.data.dataset.removeprefix(FILE).rstrip("/").rpartition("/")[2]

    @property
    def is_built_in(self) -> bool:
        return not self.spec.data.dataset.startswith(FILE)
