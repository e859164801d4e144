"""Which algorithm is the fastest for a batch, by what each would cost.

The prices are nanoseconds on one core of a server, rounded: only their proportions matter, and a
wrong choice costs time, never correctness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

import torch

from kd_core.kendall.measure import Form, Measured
from kd_core.kendall.pairwise import has_exponentials
from kd_core.kendall.spline import grid_over
from kd_core.kendall.windows import NEAR, NEAR_IN_VALUE

MOST_NODES = 1536  # of one side: its two matrices then take 18 MiB

START = 3e6  # the mesh and the windows are many small operations
MESH_CLASS = 130.0
MESH_PRODUCT = 0.025
WINDOWS_CLASS = 150.0
STUDENT_PAIR = 2.6
TEACHER_PAIR = 1.3
PAIR = 6.0
PAIR_OF_EXPONENTIALS = 2.2
CROWDED = 2.0  # logits are denser in their middle: more neighbours than if they were even


class Algorithm(StrEnum):
    PAIRWISE = "pairwise"
    MESH = "mesh"
    WINDOWS = "windows"


def cheapest(batch: Measured) -> Algorithm:
    """Double precision is exact by looking at every pair; the others are made for float32."""
    able = [Algorithm.PAIRWISE]
    if batch.student.dtype == torch.float32 and batch.form is not Form.PRODUCT:
        able.append(Algorithm.WINDOWS)
        if batch.form is Form.TANH and max(_nodes(batch)) <= MOST_NODES:
            able.append(Algorithm.MESH)
    return min(able, key=lambda algorithm: COSTS[algorithm](batch))


def _nodes(batch: Measured) -> tuple[int, int]:
    across, along = (batch.k * of for of in (batch.student_range, batch.teacher_range))
    return grid_over(across).nodes, grid_over(along).nodes


def _pairwise(batch: Measured) -> float:
    samples, classes = batch.student.shape
    fast = has_exponentials(batch.student, batch.k, max(batch.student_range, batch.teacher_range))
    return samples * classes**2 * (PAIR_OF_EXPONENTIALS if fast else PAIR)


def _mesh(batch: Measured) -> float:
    samples, classes = batch.student.shape
    across, along = _nodes(batch)
    products = across * along * (2 * across + along)
    return START + samples * (classes * MESH_CLASS + products * MESH_PRODUCT)


def _windows(batch: Measured) -> float:
    samples, classes = batch.student.shape
    student = STUDENT_PAIR * _share_of_pairs(NEAR, batch.k * batch.student_range)
    teacher = TEACHER_PAIR * _share_of_pairs(NEAR_IN_VALUE, batch.k * batch.teacher_range)
    if batch.form is Form.TEACHER_SIGN:
        teacher = 0
    pairs = classes**2 / 2
    return START + samples * (classes * WINDOWS_CLASS + pairs * (student + teacher))


def _share_of_pairs(distance: float, scaled_range: float) -> float:
    """Those closer than the distance, among all. Outliers hide how many it really are."""
    return min(1.0, 2 * CROWDED * distance / max(scaled_range, distance))


COSTS: Mapping[Algorithm, Callable[[Measured], float]] = {
    Algorithm.PAIRWISE: _pairwise,
    Algorithm.MESH: _mesh,
    Algorithm.WINDOWS: _windows,
}
