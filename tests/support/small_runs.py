"""Runs of a second or two: striped images that a tiny network tells apart."""

from __future__ import annotations

import numpy as np

SIDE = 16


def stripes(count, side=SIDE, seed=0):
    """Two classes of noisy images: stripes across, stripes down."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    rows = np.indices((side, side))
    images = np.where(rows[labels] // 2 % 2 == 0, 200, 40)[..., None].repeat(3, axis=-1)
    noise = draw.integers(0, 40, images.shape)
    return (images + noise).astype(np.uint8), labels.astype(np.int64)


def small_data(path, count=20, labelled=True):
    images, labels = stripes(count)
    arrays = {"images": images} | ({"labels": labels} if labelled else {})
    np.savez(path, **arrays)
    return path


def small_spec(**changes):
    """Without a teacher unless `changes` bring one; sources are relative to the data's folder."""
    document = {
        "student": {"architecture": "test_efficientnet"},
        "data": {"dataset": "file:data.npz", "image_size": SIDE},
        "loss": "ce",
        "recipe": {
            "epochs": 2,
            "batch_size": 4,
            "optimizer": {"kind": "sgd", "lr": 0.01},
            "checkpoint_every_s": 0,
        },
        "resources": {"device": "cpu", "threads": 1},
    }
    return document | changes


OWN_TEACHER = {
    "architecture": "test_efficientnet",
    "recipe": {"epochs": 1, "batch_size": 4, "optimizer": {"kind": "adamw", "lr": 0.01}},
    "force": True,
}


WITH_TEACHER = {
    "teacher": {
        "architecture": "test_efficientnet",
        "checkpoint": "file:teacher.safetensors",
        "force": True,
    },
    "loss": "kd",
}


def save_teacher(path, classes=2, architecture="test_efficientnet", seed=3, **extra):
    import safetensors.torch
    import timm
    import torch

    torch.manual_seed(seed)
    network = timm.create_model(architecture, num_classes=classes)
    safetensors.torch.save_file(network.state_dict() | extra, path)
