"""When a file answers as its student does: within rounding, with the same best class."""

import pytest
import torch

from kd_core.exports.proof import check_batches, compared
from kd_core.exports.refusal import Unexportable

EXACT = torch.tensor([[4.0, 0.0, -4.0], [1.0, 1.0005, -4.0], [0.0, 3.0, -3.0]])
NAMES = ["a.png", "b.png", "c.png"]


def off_by(*rows):
    return EXACT + torch.tensor(rows)


def test_what_differs_by_rounding_is_the_same():
    found = compared(EXACT + 1e-4, EXACT, NAMES)

    assert found.allowed == pytest.approx(1e-3 * EXACT.std().item())
    assert found.max_difference == pytest.approx(1e-4, rel=1e-2)
    assert (3, (1, 2, 7), ()) == (found.samples, found.batches, found.undecided)


def test_a_best_class_that_is_another_within_rounding_is_listed():
    found = compared(off_by([0, 0, 0], [6e-4, 0, 0], [0, 0, 0]), EXACT, NAMES)

    assert ["b.png"] == [one.sample for one in found.undecided]
    assert found.undecided[0].margin == pytest.approx(5e-4, rel=1e-3)


def test_a_sample_that_is_seen_twice_is_listed_once():
    twice = torch.cat([EXACT, EXACT])
    answers = twice + torch.tensor([[0, 0, 0], [6e-4, 0, 0], [0, 0, 0]] * 2)

    assert 1 == len(compared(answers, twice, NAMES * 2).undecided)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (EXACT + 0.1, r"differ from PyTorch's by 0\.1"),
        (EXACT * float("nan"), "differ from PyTorch's by nan"),
        (EXACT[:, :2], "answers with 2 logits, not 3"),
    ],
)
def test_what_is_not_the_same_is_refused_with_its_reason(answers, reason):
    with pytest.raises(Unexportable, match=reason):
        compared(answers, EXACT, NAMES)


def test_another_best_class_by_more_than_rounding_is_refused():
    exact = torch.tensor([[0.0, 2.5e-3, 6.0, -6.0], [0.0, 0.0065, 0.0, -6.0]])
    answers = exact + torch.tensor([[0.0] * 4, [0.0035, -0.0035, 0.0, 0.0]])

    with pytest.raises(Unexportable, match="its best class is not PyTorch's"):
        compared(answers, exact, NAMES[:2])


def test_what_differs_a_little_with_the_batch_is_the_same_in_int8():
    check_batches(EXACT + 0.05 * EXACT.std(), EXACT)


@pytest.mark.parametrize("answers", [EXACT + 0.5 * EXACT.std(), EXACT * float("nan")])
def test_what_answers_otherwise_in_another_batch_is_refused(answers):
    with pytest.raises(Unexportable, match="otherwise to an image when other images are beside it"):
        check_batches(answers, EXACT)
