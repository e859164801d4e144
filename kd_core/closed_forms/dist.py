"""DIST and its gradient in sweeps over the probabilities, in blocks that stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core.closed_forms.closed_form import Saved

EPSILON = 1e-8  # added to the product of two norms, as the authors' code does
ROUNDING = 8  # units in the last place by which equal probabilities may differ
BLOCK = 1 << 17  # elements of each matrix: what a sweep has in hand at once fits a core's cache

Moments = tuple[Tensor, Tensor]  # of n lines: the sums of p^2 and q^2, [2, n], and of p q, [n]


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
        samples = len(student)
        pair = student.new_empty(2, *student.shape)  # p and q
        of_rows = self._sweep_rows(student, pair)
        means = pair.mean(dim=1, keepdim=True)  # [2, 1, C]
        of_columns = _sweep_columns(pair, means)
        squares, products = (
            torch.cat(moments, dim=-1) for moments in zip(*of_rows, *of_columns, strict=True)
        )
        _flatten(squares[:, samples:], means.squeeze(1), samples)
        against, *slopes = _slopes(squares, products)
        terms = [
            torch.add(lines.new_full((), scale), lines.sum(), alpha=scale / len(lines))
            for scale, lines in zip(self.scale, torch.split(against, [*student.shape]), strict=True)
        ]
        return torch.stack(terms), (pair, means, *slopes)

    def gradient(self, saved: Saved, weights: Tensor) -> Tensor:
        pair, means, *slopes = saved
        p, q = pair.unbind()
        p_means, q_means = means.unbind()
        of_rows, of_columns = (
            weight * (scale / (count * self.temperature))
            for weight, scale, count in zip(weights.unbind(), self.scale, p.shape, strict=True)
        )
        (rows_p, columns_p), (rows_q, columns_q) = (
            (slope[: len(p), None] * of_rows, slope[len(p) :] * of_columns) for slope in slopes
        )
        gradient = torch.empty_like(p)
        for into, p_rows, q_rows, row_p, row_q in _blocks(-2, gradient, p, q, rows_p, rows_q):
            # Columns are centred before they are scaled: a flat student's two parts nearly cancel.
            torch.sub(q_rows, q_means, out=into).mul_(columns_q)
            into.addcmul_(p_rows - p_means, columns_p)
            into.addcmul_(q_rows, row_q).addcmul_(p_rows, row_p)
            into.sub_((into * p_rows).sum(dim=1, keepdim=True)).mul_(p_rows)
            # Of one class that has all but a trace of the probability the slope may be huge: what
            # its rounding has left in the mean is what now keeps a row from summing to 0.
            into.addcmul_(into.sum(dim=1, keepdim=True), p_rows, value=-1)
        return gradient

    def _sweep_rows(self, student: Tensor, pair: Tensor) -> list[Moments]:
        """Fill in the probabilities; the moments of each row about its mean, which is 1/C."""
        found = []
        for s, t, rows in _blocks(-2, student, self.teacher, pair):
            for logits, into in ((s, rows[0]), (t, rows[1])):
                torch.softmax(logits / self.temperature, dim=1, out=into)
            found.append(_moments(rows - 1 / student.shape[1], dim=1))
        return found


def _sweep_columns(pair: Tensor, means: Tensor) -> list[Moments]:
    """The moments of each column about its mean.

    Sums of squares less the square of the sum would be shorter, and are all rounding where the
    student is flat.
    """
    return [_moments(columns - mean, dim=0) for columns, mean in _blocks(-1, pair, means)]


def _moments(centred: Tensor, dim: int) -> Moments:
    """The sums of p q and, in its place, of p^2 and q^2 along a dimension."""
    products = (centred[0] * centred[1]).sum(dim=dim)
    return centred.mul_(centred).sum(dim=dim + 1), products


def _flatten(squares: Tensor, means: Tensor, samples: int) -> None:
    """Columns that are their mean but for rounding are their mean: 1/epsilon would enlarge it."""
    rounding = ROUNDING * torch.finfo(means.dtype).eps
    squares.masked_fill_(squares <= means.square() * (samples * rounding**2), 0)


def _slopes(squares: Tensor, products: Tensor) -> tuple[Tensor, ...]:
    """-r of each line, r its correlation, and the factors of p and of q in the gradient of -r in p.

    The gradient of r is (q - r |q| p / |p|) / (|p| |q| + epsilon), p and q centred.
    """
    p_norm, q_norm = squares.sqrt().unbind()
    norms = p_norm * q_norm
    q_slope = (-EPSILON - norms).reciprocal_()
    against = products.clamp(-norms, norms) * q_slope  # 0 where one of them is flat
    least = torch.finfo(norms.dtype).tiny ** 0.5  # a flat p has no slope of its own
    p_slope = (q_norm * against).mul_(q_slope).div_(p_norm.clamp_min(least))
    return against, p_slope, q_slope.mul_(q_norm > 0)


def _blocks(dim: int, *matrices: Tensor) -> Iterable[tuple[Tensor, ...]]:
    """The same lines of each matrix, along a dimension, as many at once as a block holds.

    On an accelerator all of them: there it is launches that cost.
    """
    lines, elements = matrices[0].shape[dim], math.prod(matrices[0].shape[-2:])
    size = max(1, BLOCK * lines // elements)
    if size >= lines or matrices[0].device.type != "cpu":
        return [matrices]
    return zip(*(torch.split(at, size, dim) for at in matrices), strict=True)
