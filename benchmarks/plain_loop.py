"""A distillation loop as research code has it: what an epoch of ours is measured against.

Images go through PIL one by one, teacher and student run eagerly in float32, the loss is the
published formula. Nothing is made slow on purpose, and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from benchmarks import plain_losses

MEAN, STD = (0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)


class Images(Dataset):  # type: ignore[type-arg]
    """uint8 images in memory, as CIFAR comes, each made a PIL image when it is asked for."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images = images.numpy()
        self.labels = labels.tolist()
        self.change = transforms.Compose(
            [
                transforms.RandomCrop(32, padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(MEAN, STD),
            ]
        )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, place: int) -> tuple[Tensor, int]:
        return self.change(Image.fromarray(self.images[place])), self.labels[place]


class PlainLoop:
    def __init__(
        self, teacher: nn.Module, student: nn.Module, images: Tensor, labels: Tensor, batch: int
    ) -> None:
        self.teacher = teacher.eval()
        self.student = student.train()
        self.loader: Iterable[Any] = DataLoader(Images(images, labels), batch, shuffle=True)
        self.optimizer = torch.optim.SGD(
            student.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4
        )

    def epoch(self) -> None:
        for images, labels in self.loader:
            answers = self.student(images)
            with torch.no_grad():
                taught = self.teacher(images)
            loss = cross_entropy(answers, labels) + plain_losses.dkd(answers, taught, labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
