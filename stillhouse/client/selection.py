"""Which artifacts of a job somebody means, by what they are called."""

from __future__ import annotations

from collections.abc import Sequence

from stillhouse.client.answers import Artifact
from stillhouse.client.errors import ArtifactUnknown


def chosen(found: Sequence[Artifact], names: Sequence[str]) -> list[Artifact]:
    """By id, name, path, or a folder of them; in the order of the job. No names: all."""
    missing = [name for name in names if not any(is_meant(one, name) for one in found)]
    if missing:
        there = ", ".join(one.name for one in found) or "none"
        raise ArtifactUnknown(f"the job has no artifact {missing[0]!r}", hint=f"it has: {there}")
    return [one for one in found if not names or any(is_meant(one, name) for name in names)]


def the_one(found: Sequence[Artifact], name: str) -> Artifact:
    meant = chosen(found, [name])
    exact = [one for one in meant if name in {one.id, one.name, one.path}]
    if len(exact or meant) > 1:
        several = ", ".join(one.name for one in meant)
        raise ArtifactUnknown(f"{name!r} is not one file", hint=f"name one of: {several}")
    return (exact or meant)[0]


def is_meant(artifact: Artifact, name: str) -> bool:
    if name in {artifact.id, artifact.name, artifact.path}:
        return True
    folder = f"{name.rstrip('/')}/"
    file = artifact.name.rpartition("/")[2]
    return name == file or artifact.name.startswith(folder) or artifact.path.startswith(folder)
