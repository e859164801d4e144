"""What can be known of a model or a data set before a job: `python -m kd_core.inspection ...`.

Prints one JSON object: `{"facts": {...}}`, or `{"problems": [...]}` when it cannot be used.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kd_core.errors import KdError, ModelInvalid, SpecInvalid
from kd_core.problems import from_validation_error

if TYPE_CHECKING:
    from collections.abc import Sequence

# Small: what is looked for is whether every image decodes, not what it looks like.
LOOK_SIZE = 32
USUAL_SIZE = 224
GRAPH_FORMAT = "onnx"
"""Among the facts of a model that is a whole network; one with weights has an architecture."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="kd_core.inspection", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    model = kinds.add_parser("model")
    model.add_argument("path", type=Path)
    model.add_argument("architecture")
    model.add_argument("--image-size", type=int, help="default: what it was made for")
    model.add_argument("--no-torch-checkpoints", action="store_true")
    graph = kinds.add_parser("graph")
    graph.add_argument("path", type=Path)
    graph.add_argument("--image-size", type=int, help="default: its own, or the usual one")
    dataset = kinds.add_parser("dataset")
    dataset.add_argument("path", type=Path)
    dataset.add_argument("--unlabelled", action="store_true")
    given = parser.parse_args(arguments)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        found: dict[str, Any] = {"facts": _look(given)}
    except KdError as error:
        found = {"problems": [problem.as_json() for problem in error.problems]}
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


def _look(given: argparse.Namespace) -> dict[str, Any]:
    if given.kind == "dataset":
        return dataset_facts(given.path, unlabelled=given.unlabelled)
    if given.kind == "graph":
        return graph_facts(given.path, image_size=given.image_size)
    return model_facts(
        given.path,
        given.architecture,
        image_size=given.image_size,
        allow_torch=not given.no_torch_checkpoints,
    )


def model_facts(
    path: Path, architecture: str, *, image_size: int | None = None, allow_torch: bool = True
) -> dict[str, Any]:
    """Load the checkpoint under its own keys; the classes are the rows of its last layer."""
    from pydantic import ValidationError

    from kd_core.models.build import Plan
    from kd_core.models.measure import parameters
    from kd_core.models.weights import classes_in, load_strictly, read_weights
    from kd_core.spec.models import Student

    pointer = "/upload"
    try:
        section = Student(architecture=architecture)
    except ValidationError as error:
        document = {"architecture": architecture}
        raise SpecInvalid(from_validation_error(error, document, Student)) from None
    with tempfile.TemporaryDirectory() as scratch:
        weights = read_weights(
            path, pointer=pointer, scratch=Path(scratch), allow_torch=allow_torch
        )
    classifier = Plan.of(section, 1, LOOK_SIZE).classifier
    classes = classes_in(weights, classifier)
    if classes is None:
        raise ModelInvalid(
            f"the checkpoint has no classifier under the name that {architecture} gives it",
            hint=f"{architecture} calls it {classifier}; check the architecture",
            pointer=pointer,
            code="classifier_missing",
        )
    size = image_size or native_size(architecture)
    plan = Plan.of(section, classes, size)
    network = plan.build("/architecture")
    load_strictly(
        network,
        weights,
        architecture=architecture,
        pointer=pointer,
        file=path.name,
        classifier=classifier,
    )
    return {
        "architecture": architecture,
        "classes": classes,
        "parameters": parameters(network),
        "image_size": size,
        "fixed_image_size": bool(plan.arguments),
        "sha256": weights.sha256,
        "warnings": [f"the weights were {weights.unwrapping}"] if weights.unwrapping else [],
    }


def native_size(architecture: str) -> int:
    """The image size that the architecture was made for. Only some shapes depend on it."""
    import timm

    config = timm.get_pretrained_cfg(architecture)
    return int(config.input_size[-1]) if config is not None else USUAL_SIZE


def graph_facts(path: Path, *, image_size: int | None = None) -> dict[str, Any]:
    """Open an ONNX graph and show it a few images; the classes are what it answers with."""
    from kd_core.models.onnx.graph_file import open_graph

    graph = open_graph(path, pointer="/upload", threads=1)
    size = graph.image_size(image_size, USUAL_SIZE, "")
    return {
        "format": GRAPH_FORMAT,
        "classes": graph.classes(size),
        "image_size": size,
        "fixed_image_size": graph.side is not None,
        "fixed_batch": graph.network.batch,
        "opset": graph.description.opset,
        "producer": graph.description.producer,
        "metadata": dict(graph.description.metadata),
        "sha256": graph.sha256,
        "warnings": [],
    }


def dataset_facts(path: Path, *, unlabelled: bool) -> dict[str, Any]:
    """Decode everything once and say what it is."""
    from kd_core import data
    from kd_core.spec.document import DataSource
    from kd_core.spec.sources import FILE

    source = DataSource(
        dataset=f"{FILE}{path.resolve()}", image_size=LOOK_SIZE, unlabelled=unlabelled
    )
    dataset = data.read(source, path.parent)
    names = dataset.class_names
    return {
        "classes": None if names is None else len(names),
        "class_names": None if names is None else list(names),
        "samples": len(dataset.train) + len(dataset.validation),
        "train": len(dataset.train),
        "validation": len(dataset.validation),
        "test": 0 if dataset.test is None else len(dataset.test),
        "labelled": dataset.train.labels is not None,
        "warnings": list(dataset.warnings),
        "report": dataset.report.model_dump(mode="json"),
    }


if __name__ == "__main__":
    sys.exit(main())
