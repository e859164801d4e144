"""The teacher of a run that is over, loaded again as the run had it, in float32."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kd_core.errors import ModelInvalid
from kd_core.prediction.predicting import Answers
from kd_core.prediction.run_folder import RunFolder
from kd_core.spec import DistillSpec, parse_spec
from kd_core.spec.sources import FILE

WAY_OUT = "put it back, or ask without --teacher"


def load(
    folder: RunFolder,
    spec: DistillSpec,
    roots: Sequence[Path],
    class_names: tuple[str, ...],
    classes: int,
) -> Answers:
    """`roots` are the folders that the sources of the specification may be relative to."""
    import torch

    from kd_core import teaching
    from kd_core.models.teacher import Ensemble, Teacher

    if not spec.all_teachers:
        raise ModelInvalid(
            "this run had no teacher", hint="ask without --teacher", file=str(folder.path)
        )
    with tempfile.TemporaryDirectory(prefix="stillhouse-") as scratch:
        if spec.teacher is not None and spec.teacher.checkpoint is None:
            members = [_own(folder, spec, classes)]
        else:
            attempt = _attempt(_located(spec, roots), Path(scratch))
            brought = teaching.read(attempt)
            _refuse_others(folder, {k: v for one in brought for k, v in one.digests.items()})
            members = teaching.load(attempt, brought, class_names or None, classes)
    teacher: Teacher | Ensemble = members[0]
    if len(members) > 1:
        teacher = Ensemble(members, [one.weight for one in spec.teachers or ()])
    return lambda pixels: teacher.logits(torch.from_numpy(pixels)).numpy()


def _own(folder: RunFolder, spec: DistillSpec, classes: int) -> Any:
    """A teacher that the run trained and kept beside the student."""
    from kd_core.models.build import Plan
    from kd_core.models.teacher import Teacher
    from kd_core.packaging import timm_folder
    from kd_core.teacher_files import named

    place = folder.path / "teacher"
    if spec.teacher is None or not timm_folder.is_whole(place):
        raise ModelInvalid(
            "the run trained its own teacher, and it is not in this folder",
            hint="only the folder that `still distill` wrote keeps it; ask without --teacher",
            file=str(place),
            code="teacher_missing",
        )
    plan = Plan.of(named(spec.teacher, "/teacher"), classes, spec.data.image_size)
    return Teacher(timm_folder.load(place), plan, timm_folder.digest(place))


def _located(spec: DistillSpec, roots: Sequence[Path]) -> DistillSpec:
    """With absolute paths for its teachers: nobody wrote down which folder they began at."""
    document = spec.resolved()
    for pointer, section in spec.all_teachers.items():
        source = (section.checkpoint or "").removeprefix(FILE)
        places = [root / source for root in roots]
        found = next((place.resolve() for place in places if place.exists()), None)
        if found is None:
            raise ModelInvalid(
                f"the teacher of this run was {source}, and there is no such file",
                hint=f"{WAY_OUT}; looked for in {', '.join(map(str, roots))}",
                pointer=f"{pointer}/checkpoint",
                code="teacher_missing",
            )
        place: Any = document
        for part in pointer.strip("/").split("/"):
            place = place[int(part)] if isinstance(place, list) else place[part]
        place["checkpoint"] = f"{FILE}{found}"
    document["resources"] = {"device": "cpu"}
    return parse_spec(document)


def _attempt(spec: DistillSpec, scratch: Path) -> Any:
    """What reads teachers during a run, with nothing of a run in it."""
    from kd_core.attempt import Attempt
    from kd_core.clock import SystemClock
    from kd_core.data import DecodedStore
    from kd_core.training.surroundings import Surroundings
    from kd_core.workdir import Workdir

    return Attempt(
        spec,
        Path("/"),
        Workdir(scratch),
        Surroundings(lambda _payload: None, SystemClock(), lambda: False),
        decoded=DecodedStore(scratch / "decoded", 0),
        allow_torch_checkpoints=True,
    )


def _refuse_others(folder: RunFolder, digests: dict[str, str]) -> None:
    known = folder.record.inputs if folder.record is not None else {}
    for name, digest in digests.items():
        if known.get(name, digest) != digest:
            raise ModelInvalid(
                f"the file of {name} is not the one that taught in this run",
                hint=WAY_OUT,
                file=str(folder.path),
                code="teacher_changed",
            )
