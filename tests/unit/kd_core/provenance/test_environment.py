"""What is installed, as digests and versions, and nothing that is nobody's business."""

import shutil

from kd_core.provenance.environment import (
    ROOT,
    device_name,
    environment,
    installed,
    lock_of,
    source_digest,
)


def test_the_digest_of_the_source_is_the_same_wherever_it_lies(tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    same = source_digest(copy)
    other = tmp_path / "other"
    shutil.copytree(copy, other)
    (other / "gates.py").write_text("VERDICT = 'passed'")

    assert source_digest(ROOT) == same
    assert source_digest(other) != same


def test_the_packages_are_those_that_stillhouse_rests_on():
    packages = installed()

    assert {"stillhouse", "torch", "timm", "torchvision", "pydantic"} <= set(packages)
    assert not {"pytest", "ruff", "hatchling"} & set(packages)


def test_the_lock_is_one_of_names_and_versions_in_any_order():
    assert lock_of({"a": "1", "b": "2"}) == lock_of({"b": "2", "a": "1"})
    assert lock_of({"a": "1", "b": "2"}) != lock_of({"a": "1", "b": "3"})


def test_a_processor_has_a_name():
    here = environment("cpu")

    assert here.device_name == device_name("cpu") != ""
    assert lock_of(here.packages) == here.lock
