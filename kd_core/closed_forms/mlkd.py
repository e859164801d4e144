"""MLKD and its gradient, from matrices as large as the fewer of samples and classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from kd_core import ops
from kd_core.closed_forms.closed_form import Saved


@dataclass(frozen=True)
class Levels:
    """The terms (kd, cc, bc), each summed over the temperatures."""

    temperatures: Sequence[float]
    log_q: Callable[[float], Tensor]
    """The teacher's log-probabilities [B, C] at a temperature."""

    def terms(self, student: Tensor) -> Tensor:
        """In torch's own operations, [3]."""
        return torch.stack([self._at(student, at)[0] for at in self.temperatures]).sum(dim=0)

    def values(self, student: Tensor) -> tuple[Tensor, Saved]:
        """The terms [3]; saved: the logits, and three small matrices for each temperature."""
        terms, saved = student.new_zeros(3), [student]
        for temperature in self.temperatures:
            at_temperature, gaps = self._at(student, temperature)
            terms += at_temperature
            saved.append(torch.stack([gaps.crossed, gaps.d_square, gaps.s_square]))
        return terms, tuple(saved)

    def gradient(self, saved: Saved, weights: Tensor) -> Tensor:
        student, *products = saved
        samples, classes = student.shape
        of_kd, of_cc, of_bc = weights.unbind()
        gradient = torch.zeros_like(student)
        for temperature, grams in zip(self.temperatures, products, strict=True):
            p = ops.log_probabilities(student, temperature).exp_()
            q = self.log_q(temperature).exp()
            gaps = GramGaps(p - q, p + q, *grams.unbind())
            slopes = gaps.slopes(of_cc / (classes * temperature), of_bc / (samples * temperature))
            slopes -= (slopes * p).sum(dim=1, keepdim=True)
            gradient.addcmul_(slopes, p).addcmul_(gaps.d, of_kd * (temperature / samples))
        return gradient

    def _at(self, student: Tensor, temperature: float) -> tuple[Tensor, GramGaps]:
        log_p, log_q = ops.log_probabilities(student, temperature), self.log_q(temperature)
        gaps = GramGaps.between(log_p.exp(), log_q.exp())
        of_classes, of_samples = gaps.squares
        samples, classes = student.shape
        divergence = temperature**2 * ops.kl_rows(log_q, log_p).mean()
        return torch.stack([divergence, of_classes / classes, of_samples / samples]), gaps


@dataclass(frozen=True)
class GramGaps:
    """What the Gram matrices of P and Q differ by, with D = P - Q and S = P + Q.

    2 (PP' - QQ') = DS' + SD', whose square is made of traces of products of DS', DD' and SS', and
    2 (P'P - Q'Q) = D'S + S'D, whose square is made of the same traces in another order. So neither
    [C, C] nor [B, B] is needed where it is the larger; and as everything is a product with D,
    nothing large cancels where the student is close to the teacher.
    """

    d: Tensor  # [B, C]
    s: Tensor  # [B, C]
    crossed: Tensor  # [n, n], n the smaller of B and C; as the next two
    d_square: Tensor
    s_square: Tensor

    @classmethod
    def between(cls, p: Tensor, q: Tensor) -> GramGaps:
        d, s = p - q, p + q
        a, b = (d, s) if _is_wide(d) else (d.T, s.T)
        return cls(d, s, a @ b.T, a @ a.T, b @ b.T)

    @property
    def squares(self) -> tuple[Tensor, Tensor]:
        """|P'P - Q'Q|^2 and |PP' - QQ'|^2."""
        small = (self.crossed + self.crossed.T).square().sum() / 4
        large = (self.d_square * self.s_square + self.crossed * self.crossed.T).sum() / 2
        return (large, small) if _is_wide(self.d) else (small, large)

    def slopes(self, of_classes: Tensor, of_samples: Tensor) -> Tensor:
        """The gradient of the weighted sum of the squares in P: of 4 P (P'P - Q'Q) and
        4 (PP' - QQ') P. [B, C]
        """
        wide = _is_wide(self.d)
        of_large, of_small = (of_classes, of_samples) if wide else (of_samples, of_classes)
        common = (self.crossed + self.crossed.T) * of_small
        of_s = common + (self.crossed.T + self.d_square) * of_large
        of_d = common + (self.crossed + self.s_square) * of_large
        return of_s @ self.s + of_d @ self.d if wide else self.s @ of_s.T + self.d @ of_d.T


def _is_wide(matrix: Tensor) -> bool:
    return matrix.shape[0] <= matrix.shape[1]
