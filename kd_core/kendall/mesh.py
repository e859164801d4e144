"""Small k x range: classes act on each other through a grid, as particles do in physics.

Every sample is a cloud of classes in a plane, its student's logits one way and its teacher's the
other. Spread onto the nodes of a grid, C^2 pairs become two products of small matrices.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from kd_core.kendall.measure import Measured, RankCorrelation, normalised
from kd_core.kendall.spline import ORDER, Grid, Kernels, grid_over, kernels

CLASSES_AT_ONCE = 32768
NODES_AT_ONCE = 524288
CLASSES_OF_A_NODE = 2048
LEAST_PUSH = 0.005  # of a pair, in the root mean square of all classes; it is 1 at most


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


def is_trusted(found: RankCorrelation, batch: Measured) -> bool:
    """Whether the slope is so large that the error of a grid is lost in it.

    Of a pair the error is up to 7e-7 in the mean even where all classes lie alike to the nodes.
    That is next to nothing, unless the pushes of all pairs add up to next to nothing themselves.
    """
    classes = batch.student.shape[1]
    entry = float(torch.linalg.vector_norm(found.slope)) / math.sqrt(found.slope.numel())
    of_a_pair = entry * (classes - 1) / (2 * batch.k)
    return of_a_pair >= LEAST_PUSH * min(1.0, batch.k * batch.teacher_range)


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
        given = self._across_shares[0]
        # Thousands of equal logits, added one by one to one node, would drift in float32.
        precise = torch.float64 if given.shape[1] > CLASSES_OF_A_NODE else given.dtype
        nodes = given.new_zeros(samples * across * along, dtype=precise)
        for share, distances in zip(self._across_shares, self._distances, strict=True):
            for other, distance in zip(self._along_shares, distances, strict=True):
                parts = (share * other).flatten().to(precise)
                nodes[distance:].scatter_add_(0, self._first, parts)
        return nodes.view(self._shape).to(given.dtype)

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
