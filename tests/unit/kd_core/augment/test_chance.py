"""Random numbers that follow from their place: alike in every resume, unlike everywhere else."""

from __future__ import annotations

import pytest
import torch

from kd_core.augment.chance import Chance, is_heads


def draws(seed=0, epoch=0, index=range(8), stream="crop", count=3):
    return Chance(seed, epoch, torch.tensor(list(index))).uniforms(stream, count)


def test_a_sample_draws_the_same_in_whichever_batch_it_is():
    whole = draws(index=range(8))

    assert torch.equal(whole[[5, 2]], draws(index=[5, 2]))


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"epoch": 1}, {"stream": "cutout"}, {"index": range(8, 16)}]
)
def test_another_place_draws_other_numbers(other):
    assert not bool((draws() == draws(**other)).any())


def test_more_draws_begin_with_the_same():
    assert torch.equal(draws(count=5)[:, :3], draws(count=3))


def test_the_numbers_are_uniform_and_independent():
    many = draws(index=range(100_000))
    moments = torch.stack([many.mean(0), (many**2).mean(0)])
    expected = torch.tensor([[1 / 2], [1 / 3]], dtype=torch.float64).expand(-1, 3)

    assert float(many.min()) >= 0
    assert float(many.max()) < 1
    torch.testing.assert_close(moments, expected, rtol=0, atol=5e-3)
    assert float((torch.corrcoef(many.T) - torch.eye(3)).abs().max()) < 0.01
    assert float(is_heads(many[:, 0]).double().mean()) == pytest.approx(0.5, abs=0.01)


def test_neighbouring_seeds_and_epochs_share_nothing():
    places = [(seed, epoch) for seed in range(20) for epoch in range(20)]
    numbers = torch.cat([draws(seed, epoch) for seed, epoch in places])

    assert len(numbers.unique()) == numbers.numel()
