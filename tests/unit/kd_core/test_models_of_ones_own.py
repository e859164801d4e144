"""Whole runs with a teacher as people have it: wrapped, of the papers' family, of its own size."""

from __future__ import annotations

import json

import numpy as np
import pytest
import timm
import torch

import kd_core
from kd_core.errors import ModelInvalid
from kd_core.events import Event
from kd_core.models.build import Plan
from kd_core.spec.models import Teacher
from tests.support.small_runs import SIDE, save_teacher, small_spec


def warnings_of(folder):
    events = [Event.parse(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    return {event.data.code: event.data for event in events if event.type == "job.warning"}


def mdistiller_file(path, architecture="resnet20", classes=2):
    """A checkpoint as mdistiller's trainer writes it, of a distiller in parallel."""
    torch.manual_seed(3)
    network = timm.create_model(architecture, num_classes=classes)
    state = {f"module.student.{name}": value for name, value in network.state_dict().items()}
    rate = np.float64(0.05) * np.float64(0.1) ** np.int64(2)
    optimizer = {"state": {}, "param_groups": [{"lr": rate, "momentum": 0.9, "params": [0]}]}
    best = torch.tensor([79.42])
    torch.save({"epoch": 240, "model": state, "optimizer": optimizer, "best_acc": best}, path)


def teacher(**changes):
    return {
        "architecture": "resnet20",
        "checkpoint": "file:teacher.pth",
        "force": True,
        **changes,
    }


def one_epoch(**changes):
    document = small_spec(student={"architecture": "resnet8x4"}, loss="kd", **changes)
    return document | {"recipe": document["recipe"] | {"epochs": 1}}


def test_a_checkpoint_of_mdistiller_s_teaches_a_student_of_the_family(here):
    mdistiller_file(here / "teacher.pth")
    report = kd_core.distill(one_epoch(teacher=teacher()), here / "out")
    said = warnings_of(here / "out")["checkpoint_unwrapped"].message
    config = json.loads((here / "out/artifacts/safetensors/config.json").read_text())

    assert said == (
        "the weights in teacher.pth were read from model; prefix module. removed; "
        "prefix student. removed"
    )
    assert report.student.parameters == 1_233_540 - 98 * 257
    assert config["requires"].startswith("import kd_core.models.cifar")


def test_teacher_and_student_see_the_same_images_at_their_own_sizes(here):
    mdistiller_file(here / "teacher.pth")
    document = one_epoch(teacher=teacher(image_size=24))
    document["student"]["image_size"] = 12
    report = kd_core.distill(document, here / "out")
    config = json.loads((here / "out/artifacts/safetensors/config.json").read_text())
    there = kd_core.distill(one_epoch(teacher=teacher()), here / "same")

    assert [3, 12, 12] == config["pretrained_cfg"]["input_size"]
    assert report.teacher.macs > there.teacher.macs
    assert report.student.macs < there.student.macs


def test_a_teacher_of_a_fixed_size_teaches_on_smaller_images(here):
    plan = Plan.of(Teacher(**teacher(architecture="test_vit", image_size=32)), 2, SIDE)
    state = plan.build("/teacher/architecture").state_dict()
    torch.save({"state_dict": state}, here / "teacher.pth")
    fits = teacher(architecture="test_vit", image_size=32)
    kd_core.distill(one_epoch(teacher=fits), here / "out")
    with pytest.raises(ModelInvalid) as caught:
        kd_core.distill(one_epoch(teacher=fits | {"image_size": 48}), here / "other")

    assert "pos_embed" in caught.value.problems[0].message
    assert "set image_size beside architecture" in caught.value.problems[0].hint


def test_bare_weights_are_read_without_a_word(here):
    save_teacher(here / "teacher.pth", architecture="resnet20")
    kd_core.distill(one_epoch(teacher=teacher()), here / "out")

    assert "checkpoint_unwrapped" not in warnings_of(here / "out")
