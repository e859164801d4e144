"""DIST and its gradient in sweeps over the probabilities, in blocks that stay in the cache."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core.closed_forms.closed_form import Saved

EPSILON = 1e-8  # added to the product of two norms, as the authors' code does
ROUNDING = 8  # units in the last place by which equal probabilities may differ
BLOCK = 1 << 16  # elements: what a sweep has in hand at once lies in a core's cache


@dataclass(frozen=True)
class Correlations:
    """The terms (inter, intra) for a teacher's logits [B, C]; `scale`: T^2 times each weight.

    One term does with rows what the other does with columns: both are called lines, rows first.
    """

    teacher: Tensor
    temperature: float
    scale: tuple[float, float]

    def values(self, student: Tensor) -> tuple[Tensor, Saved]:
        """The terms [2]; saved: the probabilities, the columns' means and the lines' slopes."""
        p, q = torch.empty_like(student), torch.empty_like(student)
        samples, classes = p.shape
        of_rows = self._sweep_rows(student, p, q)
        means = _column_means(p), _column_means(q)
        of_columns = _sweep_columns(p, q, *means)
        moments = torch.cat([*of_rows, *of_columns], dim=1)  # [3, B + C]
        levels = (torch.cat([p.new_full((samples,), classes**-0.5), at * samples**0.5]) for at in means)
        correlations, *slopes = _correlations(moments, *levels)
        terms = [
            scale - lines.sum() * (scale / len(lines))
            for scale, lines in zip(self.scale, correlations.split(p.shape), strict=True)
        ]
        return torch.stack(terms), (p, q, *means, *slopes)

    def gradient(self, saved: Saved, weights: Tensor) -> Tensor:
        p, q, p_means, q_means, *slopes = saved
        samples, classes = p.shape
        of_rows, of_columns = (
            weight * (-scale / (count * self.temperature))
            for weight, scale, count in zip(weights.unbind(), self.scale, p.shape, strict=True)
        )
        (rows_p, columns_p), (rows_q, columns_q) = (
            (slope[:samples, None] * of_rows, slope[samples:] * of_columns) for slope in slopes
        )
        gradient = torch.empty_like(p)
        for into, p_block, q_block, row_p, row_q in _blocks(0, gradient, p, q, rows_p, rows_q):
            # Centred before they are scaled: a flat student's two parts cancel but for a trace.
            torch.sub(q_block, q_means, out=into).mul_(columns_q)
            into.addcmul_(p_block - p_means, columns_p)
            into.addcmul_(q_block - 1 / classes, row_q)
            into.addcmul_(p_block - 1 / classes, row_p)
            # Twice: where one class has all but a trace of the probability, its slope may be huge,
            # and the rounding that the first mean leaves in every slope is above their differences.
            into.sub_((into * p_block).sum(dim=1, keepdim=True))
            into.sub_((into * p_block).sum(dim=1, keepdim=True)).mul_(p_block)
        return gradient

    def _sweep_rows(self, student: Tensor, p: Tensor, q: Tensor) -> list[Tensor]:
        """Fill in the probabilities; the moments of each row about its mean, which is 1/C."""
        classes = student.shape[1]
        found = []
        for s_block, t_block, p_block, q_block in _blocks(0, student, self.teacher, p, q):
            torch.softmax(s_block / self.temperature, dim=1, out=p_block)
            torch.softmax(t_block / self.temperature, dim=1, out=q_block)
            found.append(_moments(p_block - 1 / classes, q_block - 1 / classes, dim=1))
        return found


def _sweep_columns(p: Tensor, q: Tensor, p_means: Tensor, q_means: Tensor) -> list[Tensor]:
    """The moments of each column about its mean.

    Sums of squares less the square of the sum would be shorter, and are all rounding where the
    student is flat.
    """
    return [
        _moments(p_block - p_mean, q_block - q_mean, dim=0)
        for p_block, q_block, p_mean, q_mean in _blocks(-1, p, q, p_means, q_means)
    ]


def _column_means(matrix: Tensor) -> Tensor:
    """Above the first row, so that a column of equal numbers is centred to exactly 0: what the
    rounding of its mean would leave there, the smallness of epsilon would blow up.
    """
    first = matrix[:1]
    return torch.cat([(block - row).mean(0) for block, row in _blocks(-1, matrix, first)]) + first[0]


def _moments(a: Tensor, b: Tensor, dim: int) -> Tensor:
    """The sums of a^2, b^2 and a b along a dimension, [3, n]; a and b are used up."""
    product = (a * b).sum(dim=dim)
    return torch.stack([a.mul_(a).sum(dim=dim), b.mul_(b).sum(dim=dim), product])


def _correlations(moments: Tensor, p_level: Tensor, q_level: Tensor) -> tuple[Tensor, ...]:
    """The correlation r of each line, and the factors of p and of q in its gradient in p.

    The gradient is (q - r |q| p / |p|) / (|p| |q| + epsilon), p and q centred. A line that is its
    mean but for rounding counts as its mean; `level` is the norm before centring, about.
    """
    (p_norm, q_norm), product = moments[:2].sqrt().unbind(), moments[2]
    rounding = ROUNDING * torch.finfo(product.dtype).eps
    p_flat, q_flat = p_norm <= rounding * p_level, q_norm <= rounding * q_level
    p_norm, q_norm = p_norm.masked_fill(p_flat, 0), q_norm.masked_fill(q_flat, 0)
    q_slope = (p_norm * q_norm).add_(EPSILON).reciprocal_()
    correlation = (product * q_slope).masked_fill_(p_flat | q_flat, 0)
    least = torch.finfo(p_norm.dtype).tiny ** 0.5  # a flat p has no slope of its own
    p_slope = (q_norm * correlation).mul_(q_slope).div_(p_norm.clamp_min(least)).neg_()
    return correlation, p_slope, q_slope.masked_fill_(q_flat, 0)


def _blocks(dim: int, *matrices: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """The same lines of each matrix, along a dimension, as many at once as a block holds."""
    first = matrices[0]
    if first.numel() <= BLOCK or first.device.type != "cpu":  # elsewhere it is launches that cost
        return [matrices]
    size = max(1, BLOCK * first.shape[dim] // first.numel())
    return zip(*(at.split(size, dim) for at in matrices), strict=True)
