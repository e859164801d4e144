"""The laws that every declaration of a loss keeps, one function each, as in loss_laws."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import torch
from pydantic import ValidationError
from torch import Tensor

from kd_core.errors import SpecInvalid
from kd_core.losses.declaration import LossSpec
from kd_core.objective import loss
from tests.support.loss_parameters import (
    Params,
    bounds,
    choices,
    ends,
    entries,
    is_accepted,
    nudges,
    numbers,
    properties,
)
from tests.support.loss_subject import Batch, Subject, measure


def it_says_what_it_is(subject: Subject, _batch: Batch) -> None:
    spec = subject.spec

    assert all(text.strip() for text in (spec.family, spec.paper, spec.source))
    assert len(spec.summary) > 20
    about = spec.about
    assert all(text.strip() for text in (about.formula, about.use, about.cost, *about.invariants))
    assert about.invariants


def every_parameter_is_described(subject: Subject, _batch: Batch) -> None:
    silent = [name for name, at in properties(subject.spec).items() if not at.get("description")]

    assert silent == []


def every_number_has_a_range(subject: Subject, _batch: Batch) -> None:
    ranges = {
        name: bounds(number)
        for name, at in properties(subject.spec).items()
        for number in (*numbers(at), *entries(at))
    }

    assert {
        name: (low, high) for name, (low, high) in ranges.items() if high - low == math.inf
    } == {}


def its_defaults_are_valid(subject: Subject, _batch: Batch) -> None:
    assert is_accepted(subject.spec, {})
    assert is_accepted(subject.spec, subject.settings)


def its_paper_sum_is_valid(subject: Subject, _batch: Batch) -> None:
    spec = subject.spec
    refused = []
    for term in spec.paper_sum:
        own = {name: value for name, value in term.items() if name != "kind"}
        try:
            subject.build(**own) if term["kind"] == spec.kind else loss(**term)
        except (SpecInvalid, ValidationError) as error:
            refused.append(str(error))

    assert refused == []
    assert spec.kind in [term["kind"] for term in spec.paper_sum]


def no_knob_is_dead(subject: Subject, batch: Batch) -> None:
    """Every parameter changes the value or the gradient, at some choice of the others."""

    def differ(one: Params, other: Params) -> bool:
        pairs = zip(
            effects(subject.at(**one), batch), effects(subject.at(**other), batch), strict=True
        )
        return not all(torch.allclose(*pair, rtol=1e-6) for pair in pairs)

    dead = [
        knob
        for knob, settings in _settings_to_compare(subject.spec).items()
        if not any(differ(one, other) for one, other in settings)
    ]

    assert dead == []


def effects(subject: Subject, batch: Batch) -> list[Tensor]:
    """The value, its gradient, and what the learnable parts would learn in the first epoch."""
    measured = measure(subject, batch)
    loss = subject.loss()
    learned = list(loss.adapters().parameters())
    if learned:
        loss(**batch.inputs, epoch=1).backward()
    return [measured.value, measured.gradient, *(weight.grad for weight in learned)]


def _settings_to_compare(spec: LossSpec) -> dict[str, list[tuple[Params, Params]]]:
    """For every knob, the pairs of settings that differ in it alone. A limit is only felt near to
    what it limits, so the ends of a range are tried as well.
    """
    pairs = defaultdict(list)
    extremes = (setting for end in ends(spec) for setting in end.items())
    for name, value in (*nudges(spec), *extremes):
        pairs[name] += [(params, params | {name: value}) for params in choices(spec)]
    for one, other in itertools.combinations(choices(spec), 2):
        changed = [name for name in one if one[name] != other[name]]
        if len(changed) == 1:
            # Two choices may be one in a limit: a default close to it would hide the knob.
            pairs[f"{changed[0]}: {one[changed[0]]} or {other[changed[0]]}"] += [
                (one | end, other | end) for end in ({}, *ends(spec))
            ]
    return pairs


DECLARATION_LAWS = (
    it_says_what_it_is,
    every_parameter_is_described,
    every_number_has_a_range,
    its_defaults_are_valid,
    its_paper_sum_is_valid,
    no_knob_is_dead,
)
