"""A classifier's weights and the features of its classes: chance, or training."""

import pytest
import torch

from kd_core.teacher_check.classifier import aligned_with

FEATURES = 64
CLASSES = [2, 3, 10, 100]


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def seen(classes, seed=0):
    """Features of ten samples of each class, and their labels."""
    labels = torch.arange(10 * classes) % classes
    means = draw(classes, FEATURES, seed=seed).relu()
    return means[labels] + 0.5 * draw(len(labels), FEATURES, seed=seed + 1), labels


def trained(classes, steps=200, rate=0.1):
    """Fresh weights, and some steps of descent from there."""
    features, labels = seen(classes)
    layer = torch.nn.Linear(FEATURES, classes)
    with torch.no_grad():
        layer.weight.copy_(draw(classes, FEATURES, seed=9) / FEATURES**0.5)
    optimizer = torch.optim.SGD(layer.parameters(), rate, momentum=0.9)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(layer(features), labels).backward()
        optimizer.step()
    return layer.weight.detach()


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("rule", ["uniform", "normal", "orthogonal", "zeros"])
def test_fresh_weights_are_chance_however_they_were_made(classes, rule):
    found = []
    for seed in range(40):
        rows = draw(classes, FEATURES, seed=seed + 50)
        if rule == "uniform":
            rows = rows.sign() * rows.abs().remainder(1)
        elif rule == "orthogonal":
            rows = torch.linalg.qr(rows.T if classes <= FEATURES else rows)[0]
            rows = rows.T if classes <= FEATURES else rows
        elif rule == "zeros":
            rows = torch.zeros(classes, FEATURES)
        found.append(aligned_with(rows, *seen(classes, seed)).is_chance)

    assert sum(found) >= 38


@pytest.mark.parametrize("classes", CLASSES)
def test_trained_weights_are_not_chance_in_any_order(classes):
    rows = trained(classes)
    order = torch.randperm(classes, generator=torch.Generator().manual_seed(1))

    assert not aligned_with(rows, *seen(classes)).is_chance
    assert not aligned_with(rows[order], *seen(classes)).is_chance
    assert not aligned_with(0.01 * rows, *seen(classes)).is_chance


def test_classes_that_are_not_there_do_not_count():
    features, labels = seen(10)
    there = labels < 5

    assert not aligned_with(trained(10), features[there], labels[there]).is_chance


@pytest.mark.parametrize("labels", [torch.zeros(20).long(), torch.arange(20) % 2])
def test_where_nothing_tells_classes_apart_nothing_is_said(labels):
    assert aligned_with(draw(2, FEATURES), torch.ones(20, FEATURES), labels) is None
