"""Models, as they are registered and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from api.answers import Answer, PageOf, ReportedProblem
from kd_core.errors import Problem
from kd_core.spec.models import Architecture, ImageSize, is_graph_file
from kd_core.spec.section import Section
from stillhouse.domain import ids
from stillhouse.domain.declared import Declared
from stillhouse.domain.errors import Invalid
from stillhouse.domain.ids import Prefix
from stillhouse.domain.text import PlainText
from stillhouse.store.tables import ModelRow
from stillhouse.store.tables.library import CheckState

Name = Annotated[PlainText, Field(min_length=1, max_length=200)]
UploadNamed = Annotated[str, Declared(pattern=ids.pattern(Prefix.UPLOAD))]


class NewModel(Section):
    upload: UploadNamed
    """upl_...: a complete upload of kind model."""
    name: Name
    """What people call it."""
    architecture: Architecture | None = None
    """Which network the weights are of. An ONNX graph, a file whose name ends in .onnx, is a whole
    network and has none.
    """
    image_size: ImageSize | None = None
    """Side of the images that it was trained on; what the architecture was made for when not given.
    It decides about the shapes of some architectures, such as vision transformers. A graph that was
    exported for one side has it; one that takes any is tried with this one.
    """

    def check_file(self, filename: str) -> None:
        """Weights are of an architecture, a graph is of none."""
        if is_graph_file(filename) and self.architecture is not None:
            code, message = "only_for_weights", "an ONNX graph is a whole network"
            hint = "drop architecture, which is for weights"
        elif not is_graph_file(filename) and self.architecture is None:
            code, message = "missing_key", "weights do not tell which architecture they are of"
            hint = "name it; an ONNX graph, which needs none, is a file whose name ends in .onnx"
        else:
            return
        raise Invalid((Problem(code, message, hint, "/architecture"),))


class Model(Answer):
    id: str
    """mdl_...: what `teacher.checkpoint` names."""
    project: str
    """That of its upload."""
    name: str
    """What people call it."""
    architecture: str | None
    """Which network the weights are of, as it was said; null for an ONNX graph."""
    state: CheckState
    """checking: a worker looks at it; ready: jobs may use it; rejected: `problems` tells why."""
    facts: dict[str, Any] | None
    """What the check found: architecture, classes, parameters, of a graph format, opset and
    metadata; null until it is ready.
    """
    problems: list[ReportedProblem]
    """Why it was rejected; else empty."""
    bytes: int
    """The size of the file."""
    sha256: str
    """The digest of the file."""
    created_at: datetime
    """When it was registered."""

    @classmethod
    def of(cls, model: ModelRow) -> Self:
        return cls(
            id=model.id,
            project=model.project,
            name=model.name,
            architecture=model.declared.get("architecture"),
            state=model.state,
            facts=model.facts,
            problems=[ReportedProblem.read(problem) for problem in model.problems or ()],
            bytes=model.size_bytes,
            sha256=model.blob_sha256,
            created_at=model.created_at,
        )


class ModelPage(PageOf[Model]):
    pass
