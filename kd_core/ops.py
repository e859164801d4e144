"""Log-space maths that several losses share. Half precision is widened, nothing is subtracted
that could be summed, and nothing is masked by a large number.
"""

from __future__ import annotations

import torch
from torch import Tensor

FEW_CLASSES = 64
SPREAD_FLOOR = 1e-7  # added to a standard deviation before it divides, as the authors have it
CLASSES_AT_ONCE = 8  # in a look for the greatest,
LEAST_CLASSES = 96  # which pays where there are so many for each of them
RADIX_SORTED = 2**15  # as many integers or more, in one dimension, torch sorts by their digits
PACKED_CLASSES = 2048  # up to which numpy's sort of every row is the faster one
CLASS_BITS = 32


def widen(logits: Tensor) -> Tensor:
    """Half precision to float32; float32 and float64 stay what they are."""
    return logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits


def log_probabilities(logits: Tensor, temperature: float | Tensor) -> Tensor:
    """Log-softmax over the classes at a temperature. [B, C] -> [B, C]"""
    return torch.log_softmax(widen(logits) / temperature, dim=1)


def kl_rows(log_q: Tensor, log_p: Tensor) -> Tensor:
    """KL(q || p) of each row, both given as log-probabilities. [B, C], [B, C] -> [B]

    Both are finite (log-softmax of finite logits), so q log q tends to 0 with q and is never NaN.
    """
    return (log_q.exp() * (log_q - log_p)).sum(dim=1)


def other_classes(labels: Tensor, classes: int) -> Tensor:
    """The indices of every class but the label, ascending. [B] -> [B, C - 1]

    Gathering by them restricts a row exactly; subtracting a large number from the label would
    leak into the group once the logits spread.
    """
    ranks = torch.arange(classes - 1, device=labels.device).expand(len(labels), -1)
    return ranks + (ranks >= labels.unsqueeze(1))


def descending_order(logits: Tensor, first: Tensor | None = None) -> Tensor:
    """Class indices by descending logit, ties by lower index first, on every device. [B, C]

    The classes `first` [B] stand before all others, whatever their logits.
    """
    if logits.device.type != "cpu" or logits.dtype == torch.float64:
        order = torch.argsort(logits, dim=1, descending=True, stable=True)
        return order if first is None else class_first(order, first)
    if logits.shape[1] <= PACKED_CLASSES or logits.numel() < RADIX_SORTED:
        return _order_by_pairs(logits, first)
    return _order_by_digits(logits, first)


def _order_by_pairs(logits: Tensor, first: Tensor | None) -> Tensor:
    """By pairs of key and class in one integer each. numpy sorts those without a branch that a
    processor could mispredict: a small batch in a sixth of the time that torch takes.
    """
    pairs = _descending_keys(logits, first).long().bitwise_left_shift_(CLASS_BITS)
    pairs.bitwise_or_(torch.arange(logits.shape[1]))
    pairs.numpy().sort(axis=1)
    return pairs.bitwise_and_((1 << CLASS_BITS) - 1)


def _descending_keys(logits: Tensor, first: Tensor | None) -> Tensor:
    """Whole numbers that order float32 from above: integers are sorted much faster than floats."""
    keys = torch.sub(0.0, widen(logits)).view(torch.int32)  # 0 - x, unlike -x, makes both zeros one
    keys.bitwise_xor_((keys >> 31).bitwise_and_(0x7FFFFFFF))  # the bits of negatives run downwards
    if first is not None:
        keys.scatter_(1, first.unsqueeze(1), torch.iinfo(torch.int32).min)
    return keys


def _order_by_digits(logits: Tensor, first: Tensor | None) -> Tensor:
    """Many long rows in one flat sort, the row in front of the key, a few rows at a time."""
    samples, classes = logits.shape
    order = torch.empty(logits.shape, dtype=torch.int64)
    parts = max(1, samples // -(-RADIX_SORTED // classes))  # each as large as RADIX_SORTED
    for part in range(parts):
        rows = slice(part * samples // parts, (part + 1) * samples // parts)
        keys = _descending_keys(logits[rows], None if first is None else first[rows]).long()
        row = torch.arange(len(keys)).unsqueeze(1)
        flat = keys.add_(row << 32).flatten().sort(stable=True).indices
        torch.sub(flat.view(keys.shape), row * classes, out=order[rows])
    return order


def class_first(order: Tensor, first: Tensor) -> Tensor:
    """The same order of the classes with one of them moved to its front. [B, C], [B] -> [B, C]"""
    moved = first.unsqueeze(1)
    place = (order == moved).view(torch.uint8).argmax(dim=1, keepdim=True)
    behind = torch.arange(1, order.shape[1], device=order.device) <= place
    return torch.cat([moved, torch.where(behind, order[:, :-1], order[:, 1:])], dim=1)


def best_classes(logits: Tensor, count: int) -> Tensor:
    """The first `count` columns of `descending_order`, without ordering the others. [B, count]"""
    if logits.device.type != "cpu" or logits.shape[1] < LEAST_CLASSES * (count + 1):
        # An accelerator sorts fast, and a look at whether there are ties would wait for it.
        return descending_order(logits)[:, :count]
    places, values = _greatest(logits, count + 1)
    same = values[:, 1:] == values[:, :-1]
    found = places[:, :count]
    if bool(same.any()):  # of equal logits others may have been left out
        tied = same.any(dim=1) & ~values[:, 0].isnan()
        found[tied] = _best_of_tied(logits[tied], values[tied, count - 1 : count], count)
    return found


def _greatest(logits: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Places and values of the greatest, after a quick look at columns of them.

    With a row laid out in eight lines, the greatest lie in the columns with the greatest maxima.
    Of equal ones some may be left out; as many equal ones are found then as there is room for, so
    that a tie stays a tie.
    """
    classes = logits.shape[1]
    width = classes // CLASSES_AT_ONCE
    lined = width * CLASSES_AT_ONCE
    columns = logits[:, :lined].reshape(-1, CLASSES_AT_ONCE, width).amax(dim=1)
    best = descending_order(columns)[:, :count].unsqueeze(1)  # [B, 1, count]
    lines = torch.arange(0, lined, width, device=logits.device).unsqueeze(1)
    places = (best + lines).flatten(1)
    if lined < classes:
        rest = torch.arange(lined, classes, device=logits.device)
        places = torch.cat([places, rest.expand(len(logits), -1)], dim=1)
    candidates = logits.gather(1, places)
    found = descending_order(candidates)[:, :count]
    return places.gather(1, found), candidates.gather(1, found)


def worst_classes(logits: Tensor, count: int) -> Tensor:
    """The last `count` columns of `descending_order`, the very last first. [B, count]"""
    return logits.shape[1] - 1 - best_classes(-logits.flip(1), count)


def _best_of_tied(logits: Tensor, least: Tensor, count: int) -> Tensor:
    """As `best_classes`, by the `count`-th greatest logit of each row: a few looks at every class
    instead of a sort, as half precision ties most rows.
    """
    above, level = logits > least, logits == least
    room = count - above.sum(dim=1, keepdim=True)
    taken = above | (level & (level.cumsum(dim=1) <= room))
    found = taken.nonzero()[:, 1].view(-1, count)  # ascending, so that a stable sort keeps the rule
    return found.gather(1, descending_order(logits.gather(1, found)))


def standardized(logits: Tensor) -> Tensor:
    """Every row less its mean, by its unbiased standard deviation and a little. [B, C] -> [B, C]

    Of few classes in double precision: what the mean and the spread take out of their gradient is
    nearly all of it.
    """
    wide = logits.double() if logits.shape[1] < FEW_CLASSES else logits
    # Less the greatest first, so that a level row has no spread at all rather than a rounding's.
    wide = wide - wide.amax(dim=1, keepdim=True).detach()
    gaps = wide - wide.mean(dim=1, keepdim=True)
    variance = gaps.square().sum(dim=1, keepdim=True) / (logits.shape[1] - 1)
    return (gaps / (root(variance) + SPREAD_FLOOR)).to(logits.dtype)


def root(values: Tensor) -> Tensor:
    """The square root, whose slope at 0 is taken as 0 and not as infinite."""
    positive = values > 0
    return torch.where(positive, torch.where(positive, values, 1).sqrt(), 0)


def reverse_logcumsumexp(values: Tensor) -> Tensor:
    """Log sum of exp over positions k..C, for every k. [B, C] -> [B, C]"""
    return values.flip(1).logcumsumexp(dim=1).flip(1)
