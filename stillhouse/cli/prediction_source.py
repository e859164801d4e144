"""What `still predict` is asked about: a folder on disk, or a job whose files are fetched first."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kd_core.errors import ModelInvalid
from stillhouse.cli import extras
from stillhouse.cli.connection import connected
from stillhouse.client import StillhouseClient
from stillhouse.client.answers import Artifact
from stillhouse.client.downloads import pull
from stillhouse.client.login import cache_folder
from stillhouse.client.selection import chosen
from stillhouse.domain import ids
from stillhouse.domain.ids import Prefix
from stillhouse.domain.job_spec import parse_job_spec

if TYPE_CHECKING:
    from kd_core.prediction.run_folder import RunFolder, Shipped
    from kd_core.spec import DistillSpec

REPORT, WEIGHTS = "report.json", "safetensors"
RUNTIMES = ("torch", "timm", "safetensors", "onnxruntime", "numpy", "PIL")


@dataclass(frozen=True)
class Asked:
    folder: RunFolder
    shipped: Shipped
    spec: DistillSpec | None
    """Where its teachers are, if somebody wants to ask them."""
    image_size: int | None
    roots: tuple[Path, ...]
    """Where the sources of the specification may begin."""


def find(source: str, artifact: str | None, *, teacher: bool) -> Asked:
    """A folder of that name goes before a job."""
    if not Path(source).is_dir() and ids.is_id(source, Prefix.JOB):
        with connected() as client:
            return _of_job(client, source, artifact, teacher=teacher)
    folder, shipped = _chosen(Path(source), artifact)
    roots = (Path.cwd(), folder.path, folder.path.resolve().parent)
    if teacher and folder.spec is None:
        raise ModelInvalid(
            "this folder does not tell which teacher the run had",
            hint="the folder that `still distill` wrote does, in run.json; ask without --teacher",
            file=source,
            code="teacher_missing",
        )
    return Asked(folder, shipped, folder.spec if teacher else None, None, roots)


def _of_job(client: StillhouseClient, job_id: str, artifact: str | None, *, teacher: bool) -> Asked:
    job = client.jobs.get(job_id)
    found = client.jobs.artifacts(job_id)
    place = _cache(job_id)
    pull(client.artifacts, chosen(found, [REPORT]), place)
    folder, shipped = _chosen(place, artifact)
    pull(client.artifacts, _files_of(found, shipped), place)
    resolved: dict[str, Any] = job.as_json()["resolved"]
    spec = _with_teachers(client, resolved) if teacher else None
    return Asked(folder, shipped, spec, int(resolved["data"]["image_size"]), (Path.cwd(),))


def _chosen(path: Path, artifact: str | None) -> tuple[RunFolder, Shipped]:
    from kd_core.prediction import run_folder

    folder = run_folder.RunFolder(path)
    installed = {name: find_spec(name) is not None for name in RUNTIMES}
    shipped = run_folder.chosen(folder, artifact, installed)
    extras.require(
        "predict", shipped.needs, f"runs the artifact {shipped.name} here", _install(shipped.needs)
    )
    return folder, shipped


def _install(modules: Sequence[str]) -> str:
    if "torch" in modules:
        return "pip install 'stillhouse[local]'; or --artifact onnx, which needs no torch"
    return "pip install onnxruntime numpy pillow"


def _with_teachers(client: StillhouseClient, resolved: dict[str, Any]) -> DistillSpec:
    """The science of a job, with its teachers where they can be read on this machine."""
    spec = parse_job_spec(resolved)
    places = {"/data/dataset": "digits", "/student/init": "random"}  # nobody reads those here
    for source in spec.sources():
        if source.pointer in places or source.is_file:
            continue
        if not source.job_id:
            raise ModelInvalid(
                f"the teacher is {source.reference}, and the service does not give models back",
                hint="ask without --teacher",
                pointer=source.pointer,
                code="teacher_missing",
            )
        place = _cache(source.job_id)
        weights = chosen(client.jobs.artifacts(source.job_id), [WEIGHTS])
        pull(client.artifacts, weights, place)
        places[source.pointer] = f"file:{place / 'artifacts' / WEIGHTS}"
    return spec.distillation(places)


def _files_of(found: Sequence[Artifact], shipped: Shipped) -> list[Artifact]:
    return chosen(found, [file.path for file in shipped.files])


def _cache(job_id: str) -> Path:
    return cache_folder(os.environ) / "jobs" / job_id
