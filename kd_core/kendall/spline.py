"""Smooth kernels on a coarse grid: spread by B-splines, sharpened by what the splines blur.

A class between two nodes of a grid is shared out to the ORDER nodes around it. Acting through the
nodes, two classes feel the kernel blurred twice by the spline. So the nodes get a kernel whose
Fourier series is divided by the spline's, squared: then they feel the kernel itself, and a step
much wider than its details is enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

ORDER = 6  # nodes that share a class
WIDEST_STEP = 0.25  # where tanh is 1 wide: the error of a pair is then below 1.2e-5
FEWEST_CELLS = 8  # so that a row much narrower than WIDEST_STEP keeps its digits

NO_STEP = 1e-300  # where all logits are equal: tanh of it is 0 in float32
FINE_STEP = 1e-3  # below it the splines blur less than float32 resolves
MARGIN = 10.0  # beyond the range: tanh there is 1 - 4e-9
HIGHEST_FREQUENCY = 20.0  # the spectra have fallen to e^(-31) there


@dataclass(frozen=True)
class Grid:
    """A row of nodes, as wide as the widest sample of the batch, one step apart."""

    cells: int
    step: float  # in units of 1 / k

    @property
    def nodes(self) -> int:
        return self.cells + ORDER

    def places(self, logits: Tensor, k: float) -> tuple[Tensor, Tensor]:
        """The first node of each logit, and the shares of that and the next ones: [ORDER, B, C].

        In double precision: a logit's place is some hundred steps, and its fraction must be exact.
        """
        exact = logits.double()
        steps = (exact - exact.amin(dim=1, keepdim=True)).mul_(k / self.step)
        first = steps.floor()
        return first.long(), shares(steps.sub_(first).to(logits.dtype))


def grid_over(scaled_range: float) -> Grid:
    """For logits that differ by up to `scaled_range` / k."""
    cells = max(FEWEST_CELLS, math.ceil(scaled_range / WIDEST_STEP))
    return Grid(cells, scaled_range / cells or NO_STEP)


def shares(fraction: Tensor) -> Tensor:
    """What each of the nodes around a place gets: the B-spline there. [B, C] -> [ORDER, B, C]"""
    powers = fraction.new_ones(ORDER, fraction.numel())
    for power in range(1, ORDER):
        torch.mul(powers[power - 1], fraction.flatten(), out=powers[power])
    polynomials = powers.new_tensor(_polynomials())
    return (polynomials @ powers).view(ORDER, *fraction.shape)


@cache
def _polynomials() -> tuple[tuple[float, ...], ...]:
    """Of each node, the B-spline between it and the next place, in powers of the fraction.

    The spline is sum_j (-1)^j binomial(ORDER, j) (u - j)^(ORDER - 1) / (ORDER - 1)! over the j
    below u, and a fraction beyond the first node lies ORDER - 1 - node further into it.
    """
    degree = ORDER - 1

    def coefficient(node: int, power: int) -> float:
        ahead = degree - node
        signed = math.fsum(
            (-1.0) ** j * math.comb(ORDER, j) * float(ahead - j) ** (degree - power)
            for j in range(ahead + 1)
        )
        return math.comb(degree, power) * signed / math.factorial(degree)

    return tuple(tuple(coefficient(node, power) for power in range(ORDER)) for node in range(ORDER))


@dataclass(frozen=True)
class Kernels:
    """tanh and its slope between the nodes of a grid, as matrices. [nodes, nodes]"""

    tanh: Tensor
    slope: Tensor


def kernels(grid: Grid, like: Tensor) -> Kernels:
    tanh, slope = (_fine if grid.step < FINE_STEP else _sharpened)(grid, like.device)
    return Kernels(_between(tanh, grid, like), _between(slope, grid, like))


def _fine(grid: Grid, device: torch.device) -> tuple[Tensor, Tensor]:
    """Both kernels at the distances of nodes: all that is to be done where nothing is blurred."""
    distances = torch.arange(1 - grid.nodes, grid.nodes, device=device, dtype=torch.float64)
    tanh = torch.tanh(distances * grid.step)
    return tanh, 1 - tanh**2


def _sharpened(grid: Grid, device: torch.device) -> tuple[Tensor, Tensor]:
    """The same from their Fourier series, divided by that of the spline.

    tanh has none, as it does not return to where it was; a wave of tanhs, up and down with a half
    period of the range and a margin, is tanh over the range and has one.
    """
    half = grid.nodes + math.ceil(MARGIN / grid.step)
    harmonics = torch.arange(half + 1, device=device, dtype=torch.float64)
    turn = harmonics * (math.pi / half)  # from one node to the next
    frequency = turn / grid.step
    blur = torch.sinc(turn / (2 * math.pi)) ** (2 * ORDER)
    kept = (harmonics % 2 == 1) & (frequency < HIGHEST_FREQUENCY)
    wave = torch.zeros_like(harmonics)
    wave[kept] = (1 / (torch.sinh(frequency * (math.pi / 2)) * blur))[kept]
    wave *= 2 * math.pi / (half * grid.step)
    # irfft divides by its length, 2 half, and counts every harmonic twice.
    tanh = torch.fft.irfft(torch.complex(torch.zeros_like(wave), -wave * half), n=2 * half)
    slope = torch.fft.irfft((wave * frequency * half).to(torch.complex128), n=2 * half)
    distances = torch.arange(1 - grid.nodes, grid.nodes, device=device)
    return tanh[distances], slope[distances]


def _between(at_distance: Tensor, grid: Grid, like: Tensor) -> Tensor:
    """From values at the distances -nodes..nodes to those between node i and node j, i - j."""
    windows = at_distance.to(like.dtype).flip(0).unfold(0, grid.nodes, 1)
    return windows.flip(0).contiguous()
