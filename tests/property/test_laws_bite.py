"""A law that nothing breaks says nothing: for each, a loss with a planted fault that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import pytest
import torch
from pydantic import Field
from torch.nn.functional import kl_div, log_softmax, one_hot

from kd_core import ops
from kd_core.losses.catalog import LOSSES, _term_model
from kd_core.losses.declaration import LossParams, LossSpec, Needs
from kd_core.objective import Loss, _checked
from tests.support import declaration_laws, loss_laws
from tests.support.declaration_laws import DECLARATION_LAWS
from tests.support.loss_laws import LAWS, Law
from tests.support.loss_subject import Subject, random_batch

KD, DKD, PLD = LOSSES["kd"], LOSSES["dkd"], LOSSES["pld"]


class Undeclared(Loss):
    """A loss that is in no catalogue, made callable as those that are."""

    def __init__(self, spec, **params):
        self.spec = spec
        self.term = _term_model(spec)(kind=spec.kind, **params)


class Unguarded(Undeclared):
    """It hands the loss what it was given: unchecked, and with the teacher attached."""

    def of(self, batch, epoch=None):  # noqa: ARG002
        return self.spec.function(batch, self.term)


@dataclass(frozen=True)
class Fault:
    law: Law
    words: str
    spec: LossSpec
    loss: Callable[..., Loss] = Undeclared

    def __str__(self):
        return f"{self.law.__name__}: {self.words}".replace(" ", "_")

    @property
    def subject(self):
        return Subject(self.spec, lambda **params: self.loss(self.spec, **params))


def faulty(spec, change):
    """The same declaration with a function that gets the honest terms and spoils them."""

    def function(batch, params):
        return change(spec.function(batch, params), batch)

    return replace(spec, function=function)


def instead(spec, function):
    return replace(spec, function=function)


def mean_kl(log_q, log_p, params):
    return {"kl": params.temperature**2 * ops.kl_rows(log_q, log_p).mean()}


def without_t_squared(batch, params):
    log_p = ops.log_probabilities(batch.student_logits, params.temperature)
    log_q = ops.log_probabilities(batch.teacher_logits, params.temperature)
    return {"kl": ops.kl_rows(log_q, log_p).mean()}


def masked_by_a_thousand(batch, params):
    """As published: the label is pushed out of the softmax, which a gap of 200 at T 0.01 undoes."""
    label = 1000 * one_hot(batch.labels, batch.student_logits.shape[1])
    log_p = log_softmax(batch.student_logits / params.temperature - label, dim=1)
    q = torch.softmax(batch.teacher_logits / params.temperature - label, dim=1)
    rest = params.temperature**2 * kl_div(log_p, q, reduction="batchmean")
    return {**DKD.function(batch, params), "nckd": params.beta * rest}


def ties_the_other_way(batch, params):
    """Honest on the classes in opposite order, where the lower index is the higher."""
    last = batch.student_logits.shape[1] - 1
    mirrored = replace(
        batch,
        student_logits=batch.student_logits.flip(1),
        teacher_logits=batch.teacher_logits.flip(1),
        labels=last - batch.labels,
    )
    return PLD.function(mirrored, params)


def probabilities_before_logarithms(batch, params):
    """Correct on paper; in floats the logarithm meets a probability of 0."""
    log_p = torch.softmax(ops.widen(batch.student_logits) / params.temperature, dim=1).log()
    log_q = ops.log_probabilities(batch.teacher_logits, params.temperature)
    return mean_kl(log_q, log_p, params)


def raw_logits(batch, params):
    gaps = (batch.student_logits - batch.teacher_logits.to(batch.student_logits)) ** 2
    return {"kl": gaps.mean() / params.temperature}


def by_memory(batch, params):
    """It takes the numbers as they lie in memory for the numbers in their order."""
    logits = batch.student_logits
    as_it_lies = torch.as_strided(logits, logits.shape, (logits.shape[1], 1))
    return KD.function(replace(batch, student_logits=as_it_lies), params)


def never_widened(batch, params):
    log_p = log_softmax(batch.student_logits / params.temperature, dim=1)
    log_q = log_softmax(batch.teacher_logits / params.temperature, dim=1)
    return mean_kl(log_q, log_p, params)


def narrowed(batch, params):
    single = replace(batch, student_logits=batch.student_logits.float())
    return KD.function(replace(single, teacher_logits=batch.teacher_logits.float()), params)


class UnderAutocast(Undeclared):
    """It leaves autocast on."""

    def of(self, batch, epoch=None):  # noqa: ARG002
        return self.spec.function(_checked(self.spec, batch), self.term)


def gram(batch, params):
    student, teacher = ops.widen(batch.student_logits), ops.widen(batch.teacher_logits)
    gaps = student @ student.T - teacher @ teacher.T
    return {"gram": (gaps / params.temperature).square().mean()}


def coarse_in_half(terms, batch):
    step = 0.1 if batch.student_logits.dtype == torch.bfloat16 else 0
    return {name: at * (1 + step) for name, at in terms.items()}


def coarse_in_single(terms, batch):
    step = 1e-2 if batch.student_logits.dtype == torch.float32 else 0
    return {name: at * (1 + step) for name, at in terms.items()}


def first_class_counts_double(terms, batch):
    return terms | {"more": (batch.student_logits[:, 0] - batch.student_logits[:, 1]).mean()}


def first_sample_counts_double(terms, batch):
    first = batch.student_logits[0]
    return terms | {"more": first[0] - first[1:].mean()}


def with_variance_of(rows):
    def change(terms, batch):
        row = rows(batch)
        return terms | {"more": ((row - row.mean()) ** 2).sum() / (len(row) - 1)}

    return change


def in_place(terms, batch):
    batch.teacher_logits.sub_(1)
    return terms


def partly_detached(terms, _batch):
    return terms | {"tckd": terms["tckd"].detach()}


class OneDeadKnob(LossParams):
    """A loss with a choice that the function never reads."""

    temperature: float = Field(4.0, ge=1, le=10, description="Softens.")
    direction: Literal["forward", "reverse"] = Field("forward", description="Ignored.")


class Undocumented(LossParams):
    """A loss with a parameter that nobody described and nothing bounds."""

    temperature: float = 4.0


class Demanding(LossParams):
    """A loss with a parameter that has no default."""

    temperature: float = Field(ge=1, le=10, description="Softens.")


def forward_only(batch, params):
    log_p = ops.log_probabilities(batch.student_logits, params.temperature)
    return mean_kl(ops.log_probabilities(batch.teacher_logits, params.temperature), log_p, params)


class HalfWeighed(Undeclared):
    def of(self, batch, epoch=None):  # noqa: ARG002
        first, *others = self.spec.function(batch, self.term).items()
        return dict([(first[0], self.term.weight * first[1]), *others])


class ForgetfulSum(Undeclared):
    def __call__(self, *inputs, **named):
        return next(iter(self.terms(*inputs, **named).values()))


class LabelsAnyway(Undeclared):
    def of(self, batch, epoch=None):  # noqa: ARG002
        extra = 0 if batch.labels is None else batch.labels.sum()
        return {name: at + extra for name, at in super().of(batch).items()}


class LabelsUnasked(Undeclared):
    def of(self, batch, epoch=None):  # noqa: ARG002
        return Undeclared(KD).of(batch)


FAULTS = [
    Fault(declaration_laws.it_says_what_it_is, "no source", replace(KD, source=" ")),
    Fault(
        declaration_laws.every_parameter_is_described,
        "no description",
        replace(KD, params=Undocumented),
    ),
    Fault(declaration_laws.every_number_has_a_range, "no range", replace(KD, params=Undocumented)),
    Fault(declaration_laws.its_defaults_are_valid, "no default", replace(KD, params=Demanding)),
    Fault(
        declaration_laws.its_paper_sum_is_valid,
        "a parameter out of range",
        replace(KD, paper_sum=({"kind": "kd", "temperature": -1.0},)),
    ),
    Fault(
        declaration_laws.no_knob_is_dead,
        "a choice that is ignored",
        replace(KD, params=OneDeadKnob, function=forward_only),
    ),
    Fault(
        loss_laws.a_constant_added_to_a_row_changes_nothing,
        "raw logits compared",
        instead(KD, raw_logits),
    ),
    Fault(
        loss_laws.a_permutation_of_the_classes_changes_nothing,
        "the first class counts double",
        faulty(KD, first_class_counts_double),
    ),
    Fault(
        loss_laws.the_order_of_the_batch_changes_nothing,
        "the first sample counts double",
        faulty(KD, first_sample_counts_double),
    ),
    Fault(
        loss_laws.the_value_is_the_mean_over_its_samples,
        "a sum",
        faulty(KD, lambda terms, batch: {"kl": terms["kl"] * len(batch.student_logits)}),
    ),
    Fault(loss_laws.gradient_rows_sum_to_zero, "raw logits compared", instead(KD, raw_logits)),
    Fault(
        loss_laws.the_gradient_is_that_of_the_value, "a detached term", faulty(DKD, partly_detached)
    ),
    Fault(
        loss_laws.it_agrees_with_the_slow_formula, "no T squared", instead(KD, without_t_squared)
    ),
    Fault(
        loss_laws.it_agrees_with_the_slow_formula,
        "a mask of minus 1000",
        instead(DKD, masked_by_a_thousand),
    ),
    Fault(
        loss_laws.it_agrees_with_the_slow_formula,
        "ties to the higher index",
        instead(PLD, ties_the_other_way),
    ),
    Fault(
        loss_laws.it_agrees_with_the_slow_formula, "a detached term", faulty(DKD, partly_detached)
    ),
    Fault(
        loss_laws.the_teacher_gets_no_gradient,
        "the teacher stays attached",
        instead(KD, forward_only),  # KD's own closed form has no way to the teacher
        Unguarded,
    ),
    Fault(
        loss_laws.extreme_logits_stay_finite,
        "a logarithm of zero",
        instead(KD, probabilities_before_logarithms),
    ),
    Fault(
        loss_laws.one_sample_is_enough,
        "a variance over the batch",
        faulty(KD, with_variance_of(lambda batch: batch.student_logits[:, 0])),
    ),
    Fault(
        loss_laws.two_classes_are_enough,
        "a variance over the rest",
        faulty(KD, with_variance_of(lambda batch: batch.student_logits[0, 1:])),
    ),
    Fault(
        loss_laws.the_layout_in_memory_changes_nothing, "strides ignored", instead(KD, by_memory)
    ),
    Fault(loss_laws.half_precision_is_widened, "never widened", instead(KD, never_widened)),
    Fault(
        loss_laws.autocast_changes_nothing,
        "a matrix product in half precision",
        instead(KD, gram),
        UnderAutocast,
    ),
    Fault(
        loss_laws.half_precision_agrees_with_double,
        "coarse in bfloat16",
        faulty(KD, coarse_in_half),
    ),
    Fault(
        loss_laws.the_value_is_the_mean_over_its_samples,
        "declared to compare samples",
        replace(KD, needs=KD.needs | Needs.WHOLE_BATCH),
    ),
    Fault(loss_laws.double_precision_stays_double, "narrowed", instead(KD, narrowed)),
    Fault(
        loss_laws.single_precision_agrees_with_double,
        "coarse in float32",
        faulty(KD, coarse_in_single),
    ),
    Fault(loss_laws.its_terms_sum_to_the_call, "a part is left out", DKD, ForgetfulSum),
    Fault(loss_laws.its_weight_scales_every_term, "a part is not weighed", DKD, HalfWeighed),
    Fault(loss_laws.its_inputs_are_left_as_they_were, "written in place", faulty(KD, in_place)),
    Fault(loss_laws.what_it_does_not_need_is_ignored, "labels count", KD, LabelsAnyway),
    Fault(
        loss_laws.what_it_lacks_is_named,
        "labels are not asked for",
        replace(KD, needs=Needs.LOGITS | Needs.LABELS),
        LabelsUnasked,
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_planted_fault_breaks_its_law(fault):
    with pytest.raises(AssertionError):
        fault.law(fault.subject, random_batch(seed=7))


@pytest.mark.parametrize("honest", [KD, DKD, PLD], ids=lambda spec: spec.kind)
def test_the_same_losses_without_a_fault_keep_every_law(honest):
    """Else the faults above might break their laws by the way they are planted."""
    subject = Subject(honest, lambda **params: Undeclared(honest, **params))

    for law in (*DECLARATION_LAWS, *LAWS):
        law(subject, random_batch(seed=7))


def test_every_law_has_a_fault_that_breaks_it():
    assert {fault.law for fault in FAULTS} == {*DECLARATION_LAWS, *LAWS}
