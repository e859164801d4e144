"""The laws that every logit loss keeps, one function each: it takes a loss and a float64 batch.

No loss is named here, so a loss is held to them as soon as it is declared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from kd_core.errors import LossInputInvalid
from kd_core.losses.declaration import Needs
from tests.support.loss_parameters import ends
from tests.support.loss_subject import Batch, Measured, Subject, extremes, measure, tied
from tests.support.slow_losses import SLOW

Law = Callable[[Subject, Batch], None]

EXACT = 1e-9  # float64, relative: what is left when only the order of additions differs
AT_THE_ENDS = 1e-7  # float64 where T^2 or a weight is 10^6, which enlarges the rounding as well
SINGLE = 1e-4  # float32, relative
HALF = 2e-2  # bfloat16: its gradient has eight bits


def assert_same(actual: Measured, expected: Measured, tolerance: float = EXACT) -> None:
    """Values agree relatively; gradients agree relative to the largest entry."""
    slack = tolerance * (1 + float(expected.gradient.abs().max()))
    torch.testing.assert_close(actual.value, expected.value, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(actual.gradient, expected.gradient, rtol=0, atol=slack)


def a_constant_added_to_a_row_changes_nothing(subject: Subject, batch: Batch) -> None:
    constants = torch.linspace(-40, 60, len(batch.labels)).to(batch.student).unsqueeze(1)
    expected = measure(subject, batch)

    assert_same(measure(subject, replace(batch, student=batch.student + constants)), expected)
    assert_same(measure(subject, replace(batch, teacher=batch.teacher + constants)), expected)


def a_permutation_of_the_classes_changes_nothing(subject: Subject, batch: Batch) -> None:
    order = torch.arange(batch.student.shape[1]).roll(1).flip(0)  # the class now at each place
    place = torch.argsort(order)
    moved = Batch(batch.student[:, order], batch.teacher[:, order], place[batch.labels])
    found = measure(subject, moved)

    assert_same(replace(found, gradient=found.gradient[:, place]), measure(subject, batch))


def the_order_of_the_batch_changes_nothing(subject: Subject, batch: Batch) -> None:
    backwards = torch.arange(len(batch.labels)).flip(0)
    found = measure(subject, batch.rows(backwards))

    assert_same(replace(found, gradient=found.gradient[backwards]), measure(subject, batch))


def the_value_is_the_mean_over_its_samples(subject: Subject, batch: Batch) -> None:
    """Unless the loss declares that it compares samples; then it really must."""
    alone = [measure(subject, batch.rows([i])) for i in range(len(batch.labels))]
    mean = torch.stack([sample.value for sample in alone]).mean()
    gradient = torch.cat([sample.gradient for sample in alone]) / len(alone)

    if Needs.WHOLE_BATCH in subject.spec.needs and len(alone) > 1:
        assert not torch.allclose(measure(subject, batch).value, mean, rtol=EXACT, atol=0)
        return
    assert_same(measure(subject, batch), Measured(mean, gradient))


def gradient_rows_sum_to_zero(subject: Subject, batch: Batch) -> None:
    gradient = measure(subject, batch).gradient
    slack = EXACT * (1 + float(gradient.abs().max()))

    assert float(gradient.sum(dim=1).abs().max()) <= slack


def the_gradient_is_that_of_the_value(subject: Subject, batch: Batch) -> None:
    """Nothing that the value depends on is detached."""
    loss = subject.loss()
    student = batch.student.clone().requires_grad_()

    assert torch.autograd.gradcheck(
        lambda logits: loss(**replace(batch, student=logits).inputs), student, raise_exception=False
    )


def it_agrees_with_the_slow_formula(subject: Subject, batch: Batch) -> None:
    """Where the formula has been written down a second time. Ties, gaps of 200 and both ends of
    every range are included: that is where short cuts part from the definition.
    """
    formula = SLOW.get(subject.spec.kind)
    for params in ({}, *ends(subject.spec)) if formula else ():
        at = subject.at(**params)
        for case in (batch, tied(batch), *extremes(batch).values()):
            numbers = (case.student.tolist(), case.teacher.tolist(), case.labels.tolist())
            value = formula.value(*numbers, **at.settings)
            gradient = formula.gradient(*numbers, **at.settings)
            expected = Measured(case.student.new_tensor(value), case.student.new_tensor(gradient))

            assert_same(measure(at, case), expected, AT_THE_ENDS if params else EXACT)


def the_teacher_gets_no_gradient(subject: Subject, batch: Batch) -> None:
    student, teacher = batch.student.clone(), batch.teacher.clone()
    learning = replace(batch, student=student.requires_grad_(), teacher=teacher.requires_grad_())
    loss = subject.loss()
    loss(**learning.inputs).backward()
    torch.stack([*loss.terms(**learning.inputs).values()]).sum().backward()

    assert student.grad is not None
    assert teacher.grad is None


def extreme_logits_stay_finite(subject: Subject, batch: Batch) -> None:
    """In float32, at +-50 and gaps of 200, with every parameter at either end of its range."""
    not_finite = [
        (params, name)
        for params in ({}, *ends(subject.spec))
        for name, case in extremes(batch.to(torch.float32)).items()
        if not measure(subject.at(**params), case).is_finite
    ]

    assert not_finite == []


def one_sample_is_enough(subject: Subject, batch: Batch) -> None:
    assert measure(subject, batch.rows([0])).is_finite


def two_classes_are_enough(subject: Subject, batch: Batch) -> None:
    pair = Batch(batch.student[:, :2], batch.teacher[:, :2], batch.labels % 2)

    assert measure(subject, pair).is_finite


def the_layout_in_memory_changes_nothing(subject: Subject, batch: Batch) -> None:
    scattered = Batch(
        batch.student.T.contiguous().T,
        batch.teacher.repeat_interleave(2, dim=1)[:, ::2],
        batch.labels.repeat_interleave(2)[::2],
    )

    assert_same(measure(subject, scattered), measure(subject, batch))


def half_precision_is_widened(subject: Subject, batch: Batch) -> None:
    """It equals float32 on the same rounded logits. The teacher may be the wider of the two."""
    for dtype in (torch.float16, torch.bfloat16):
        half = batch.to(dtype)
        wide = half.to(torch.float32)
        expected = measure(subject, wide)
        for narrow in (half, replace(half, teacher=wide.teacher)):
            found = measure(subject, narrow)

            assert found.value.dtype == torch.float32
            assert torch.equal(found.value, expected.value)
            assert torch.equal(found.gradient, expected.gradient.to(dtype))


def autocast_changes_nothing(subject: Subject, batch: Batch) -> None:
    """Under autocast to bfloat16 the maths stays in float32, in both directions."""
    single = batch.to(torch.float32)
    expected = measure(subject, single)
    with torch.autocast("cpu", torch.bfloat16):
        found = measure(subject, single)

    assert torch.equal(found.value, expected.value)
    assert torch.equal(found.gradient, expected.gradient)


def half_precision_agrees_with_double(subject: Subject, batch: Batch) -> None:
    """bfloat16 logits under autocast, against float64 of the same rounded logits."""
    half = batch.to(torch.bfloat16)
    exact = measure(subject, half.to(torch.float64))
    with torch.autocast("cpu", torch.bfloat16):
        found = measure(subject, half)

    assert_same(Measured(found.value.double(), found.gradient.double()), exact, HALF)


def double_precision_stays_double(subject: Subject, batch: Batch) -> None:
    assert measure(subject, batch).value.dtype == torch.float64


def single_precision_agrees_with_double(subject: Subject, batch: Batch) -> None:
    """Where the student is nearly right, what is left of the value is the rounding of what it is
    made of, times T^2 and every weight: as the value of a student that is all wrong is.
    """
    single = batch.to(torch.float32)
    exact, found = measure(subject, single.to(torch.float64)), measure(subject, single)
    wrong = measure(subject, replace(single, student=-single.teacher)).value.abs()
    slack = SINGLE * (1 + float(exact.gradient.abs().max()))

    torch.testing.assert_close(
        found.value, exact.value.float(), rtol=SINGLE, atol=SINGLE * (1 + float(wrong))
    )
    torch.testing.assert_close(found.gradient, exact.gradient.float(), rtol=0, atol=slack)


def its_terms_sum_to_the_call(subject: Subject, batch: Batch) -> None:
    loss = subject.loss(weight=2.5)
    terms = loss.terms(**batch.inputs)

    assert [term.shape for term in terms.values()] == [torch.Size([])] * len(terms)
    torch.testing.assert_close(
        torch.stack([*terms.values()]).sum(), loss(**batch.inputs), rtol=EXACT, atol=0
    )


def its_weight_scales_every_term(subject: Subject, batch: Batch) -> None:
    once = subject.loss().terms(**batch.inputs)
    thrice = subject.loss(weight=3.0).terms(**batch.inputs)

    torch.testing.assert_close(
        thrice, {name: 3 * value for name, value in once.items()}, rtol=EXACT, atol=0
    )


def its_inputs_are_left_as_they_were(subject: Subject, batch: Batch) -> None:
    given = {name: tensor.clone() for name, tensor in batch.inputs.items()}
    subject.loss()(**given)

    assert all(torch.equal(given[name], tensor) for name, tensor in batch.inputs.items())


def what_it_does_not_need_is_ignored(subject: Subject, batch: Batch) -> None:
    needed = {name: batch.inputs[name] for name in subject.spec.needs.inputs}
    unasked = {"student_features": [batch.student], "teacher_features": [batch.teacher]}
    loss = subject.loss()

    assert torch.equal(loss(**needed), loss(**batch.inputs, **unasked))


def what_it_lacks_is_named(subject: Subject, batch: Batch) -> None:
    for name in subject.spec.needs.inputs:
        complaint = ""
        try:
            subject.loss()(**{**batch.inputs, name: None})
        except LossInputInvalid as error:
            complaint = str(error)

        assert f"needs {name} " in complaint


LAWS: tuple[Law, ...] = (
    a_constant_added_to_a_row_changes_nothing,
    a_permutation_of_the_classes_changes_nothing,
    the_order_of_the_batch_changes_nothing,
    the_value_is_the_mean_over_its_samples,
    gradient_rows_sum_to_zero,
    the_gradient_is_that_of_the_value,
    it_agrees_with_the_slow_formula,
    the_teacher_gets_no_gradient,
    extreme_logits_stay_finite,
    one_sample_is_enough,
    two_classes_are_enough,
    the_layout_in_memory_changes_nothing,
    half_precision_is_widened,
    autocast_changes_nothing,
    half_precision_agrees_with_double,
    double_precision_stays_double,
    single_precision_agrees_with_double,
    its_terms_sum_to_the_call,
    its_weight_scales_every_term,
    its_inputs_are_left_as_they_were,
    what_it_does_not_need_is_ignored,
    what_it_lacks_is_named,
)
