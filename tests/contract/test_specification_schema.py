"""The schema that forms are drawn from takes what the service takes."""

import jsonschema_rs
import pytest

from api.catalog.routes import _specification
from stillhouse.domain.job_spec import JobSpec
from tests.support.service import document

TAKEN = [document(), document(loss=[{"kind": "pld", "weight": 2.0}, {"kind": "ce"}])]
REFUSED = [document(loss=[{"kind": "new"}]), document(recipe={"epochs": 0}), document(more=1)]


@pytest.mark.parametrize("spec", [*TAKEN, *REFUSED], ids=str)
def test_a_specification_is_of_it_when_it_can_be_read(spec):
    schema, _ = _specification()
    try:
        JobSpec.model_validate(spec)
        readable = True
    except ValueError:
        readable = False

    assert (spec in TAKEN) == readable
    assert readable == jsonschema_rs.Draft202012Validator(schema).is_valid(spec)
