"""Whatever a run may report is what the document says that a report is."""

import json

import jsonschema_rs
import pytest

from kd_core.json_text import json_text
from tests.support.documents import openapi_document
from tests.support.reports import in_int8, whole_report


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    document = openapi_document(tmp_path_factory.mktemp("service"))
    whole = {"$ref": "#/components/schemas/Report", "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(whole)


@pytest.mark.parametrize("changes", [{}, {"labelled": False}, {"teacher": False}], ids=str)
def test_a_report_is_of_its_schema(reported, changes):
    report = whole_report(**changes)
    for one in (report, in_int8(report)):
        document = json.loads(json_text(one.as_json()))

        assert [] == [f"{e.instance_path}: {e.message}" for e in reported.iter_errors(document)]


def test_a_report_that_lacks_something_is_not_of_it(reported):
    document = json.loads(json_text(whole_report().as_json()))
    student = {name: value for name, value in document["student"].items() if name != "size_mb"}

    assert not reported.is_valid({**document, "student": student})
    assert not reported.is_valid({**document, "schema": 2})
