"""Every loss of the catalogue against every law. No loss is named: a new file is held to all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.declaration_laws import DECLARATION_LAWS
from tests.support.loss_laws import LAWS, the_gradient_is_that_of_the_value
from tests.support.loss_subject import declared, declared_at_every_choice, random_batch
from tests.support.strategies import batches, parameters

# gradcheck costs as much as all the others together; one batch for each choice is enough of it.
QUICK_LAWS = tuple(law for law in LAWS if law is not the_gradient_is_that_of_the_value)

# More classes than any default looks at, so that no part of a loss is idle.
ORDINARY = random_batch(seed=7, classes=8)


@pytest.mark.parametrize("law", DECLARATION_LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("subject", declared(), ids=str)
def test_every_declaration_keeps_the_law(subject, law):
    law(subject, ORDINARY)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("subject", declared_at_every_choice(), ids=str)
def test_every_loss_keeps_the_law_at_every_choice(subject, law):
    law(subject, ORDINARY)


@pytest.mark.parametrize("subject", declared(), ids=str)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_loss_keeps_the_laws_at_random_parameters(subject, data):
    chosen = subject.at(**data.draw(parameters(subject.spec)))
    batch = data.draw(batches())

    for law in QUICK_LAWS:
        law(chosen, batch)
