"""Small k x range: classes act on each other through a grid, as particles do in physics.

Every sample is a cloud of classes in a plane, its student's logits one way and its teacher's the
other. Spread onto the nodes of a grid, C^2 pairs become two products of small matrices.
"""

from __future__ import annotations

import torch
from torch import Tensor

from kd_core.kendall.measure import Measured, RankCorrelation, normalised
from kd_core.kendall.spline import ORDER, Grid, Kernels, grid_over, kernels

CLASSES_AT_ONCE = 32768
NODES_AT_ONCE = 524288


def mesh(batch: Measured) -> RankCorrelation:
    """Tau of every sample and its slope, from the clouds of their classes."""
    student, teacher = batch.student, batch.teacher
    across, along = (grid_over(batch.k * of) for of in (batch.student_range, batch.teacher_range))
    between_students, between_teachers = kernels(across, student), kernels(along, student)
    tau = student.new_empty(len(student), dtype=torch.float64)
    slope = torch.empty_like(student, memory_format=torch.contiguous_format)
    for start in range(0, len(student), step := _samples_at_once(student, across, along)):
        rows = slice(start, start + step)
        cloud = Cloud(student[rows], teacher[rows], batch.k, (across, along))
        tau[rows], slope[rows] = _of_cloud(cloud, between_students, between_teachers.tanh)
    return normalised(tau, slope, batch.k)


def _samples_at_once(student: Tensor, across: Grid, along: Grid) -> int:
    samples, classes = student.shape
    nodes = across.nodes * along.nodes
    return max(1, min(samples, CLASSES_AT_ONCE // classes, NODES_AT_ONCE // nodes))


def _of_cloud(cloud: Cloud, students: Kernels, teachers: Tensor) -> tuple[Tensor, Tensor]:
    """Sums over all pairs. A class on itself counts 0: tanh is odd on the nodes too."""
    density = cloud.density()  # [samples, across, along]
    agreement = density @ teachers.T
    values = (students.tanh @ agreement).mul_(density).sum(dim=2)
    return values.sum(dim=1, dtype=torch.float64), cloud.at_classes(students.slope @ agreement)


class Cloud:
    """The classes of some samples, each at its place on the grid of its sample."""

    def __init__(
        self, student: Tensor, teacher: Tensor, k: float, grids: tuple[Grid, Grid]
    ) -> None:
        across, along = grids
        row, self._across_shares = across.places(student, k)
        column, self._along_shares = along.places(teacher, k)
        self._shape = (len(student), across.nodes, along.nodes)
        grid_of_sample = torch.arange(len(student), device=student.device).unsqueeze(1)
        first = (grid_of_sample * across.nodes + row) * along.nodes + column
        self._first = first.flatten()
        # The node that is `across` rows and `along` columns further, for every class at once, is
        # one distance away in memory: a view that starts later.
        self._distances = [[a * along.nodes + b for b in range(ORDER)] for a in range(ORDER)]

    def density(self) -> Tensor:
        """How much of the classes each node has been given. [samples, across, along]"""
        samples, across, along = self._shape
        nodes = self._across_shares[0].new_zeros(samples * across * along)
        for share, distances in zip(self._across_shares, self._distances, strict=True):
            for other, distance in zip(self._along_shares, distances, strict=True):
                nodes[distance:].scatter_add_(0, self._first, (share * other).flatten())
        return nodes.view(self._shape)

    def at_classes(self, nodes: Tensor) -> Tensor:
        """What the nodes hold, at the classes: by the same shares. [samples, C]"""
        flat = nodes.reshape(-1)
        found = torch.zeros_like(self._across_shares[0])
        for share, distances in zip(self._across_shares, self._distances, strict=True):
            of_row = torch.zeros_like(found)
            for other, distance in zip(self._along_shares, distances, strict=True):
                of_row.addcmul_(flat[distance:].index_select(0, self._first).view_as(found), other)
            found.addcmul_(of_row, share)
        return found
