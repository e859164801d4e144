"""Every operation and every code of a refusal has an example, and each is what its schema says."""

import jsonschema_rs
import pytest

from api.document.examples import EXAMPLES
from api.document.problem_codes import PROBLEM_CODES, USUAL
from api.errors import CODES
from api.problems import MEANINGS
from stillhouse.domain import errors
from tests.support.documents import openapi_document, operations_of

JSON = "application/json"
PROBLEM = "application/problem+json"
BRANCHES = {errors.StillhouseError, errors.Conflict}
WORKERS_ONLY = {errors.StaleAttempt}
OF_THE_SERVER = {"internal_error", "range_not_satisfiable", *CODES.values()}


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return openapi_document(tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="module")
def wrong(document):
    """What is wrong with a value of a schema of the document."""

    def problems(value, schema):
        whole = {**schema, "components": document["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)]

    return problems


def contents(document):
    """Every JSON body of the document that is sent or answered, with where it is."""
    for label, operation in operations_of(document):
        body = operation.get("requestBody", {}).get("content", {})
        if JSON in body:
            yield f"{label}: body", body[JSON]
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get(JSON)
            if status.startswith("2") and content is not None:
                yield f"{label}: {status}", content


def test_every_body_and_every_answer_has_an_example_of_its_schema(document, wrong):
    seen = 0
    for where, content in contents(document):
        assert "example" in content, f"{where} has no example: write one in its room's examples.py"
        assert wrong(content["example"], content["schema"]) == [], where
        seen += 1

    assert seen > 50


def test_no_example_is_left_over(document):
    names = {operation["operationId"] for _, operation in operations_of(document)}

    assert EXAMPLES.keys() <= names


def test_every_parameter_of_a_path_has_an_example_and_every_example_is_of_its_schema(
    document, wrong
):
    shown = 0
    for label, operation in operations_of(document):
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            examples = [*schema.get("examples", ()), *filter(None, [parameter.get("example")])]
            where = f"{label}: {parameter['name']}"

            assert examples or parameter["in"] != "path", where
            assert [wrong(example, schema) for example in examples if wrong(example, schema)] == []
            shown += len(examples)

    assert shown > 40


def test_an_example_names_no_parameter_that_its_operation_lacks(document):
    for label, operation in operations_of(document):
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        example = EXAMPLES.get(operation["operationId"])

        assert example is None or example.query.keys() <= names, label


def test_every_refusal_that_an_operation_names_is_shown(document, wrong):
    shown = document["components"]["examples"]
    for label, operation in operations_of(document):
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get(PROBLEM)
            if content is None:
                continue

            assert content["examples"], f"{label}: {status}"
            for code in content["examples"]:
                problem = shown[code]["value"]
                assert status in {"default", str(problem["status"])}, (label, code)
                assert wrong(problem, content["schema"]) == [], code


def test_every_code_that_an_operation_is_said_to_answer_with_is_of_a_status_that_it_names(document):
    for label, operation in operations_of(document):
        example = EXAMPLES.get(operation["operationId"])
        for code in example.refusals if example else ():
            assert str(PROBLEM_CODES[code].status) in operation["responses"], (label, code)


def test_every_error_of_the_service_is_told_with_its_status():
    def leaves(error):
        yield from (leaf for child in error.__subclasses__() for leaf in leaves(child))
        if error not in BRANCHES | WORKERS_ONLY:
            yield error

    found = {error.code: error.status for error in leaves(errors.StillhouseError)}
    told = {code: told.status for code, told in PROBLEM_CODES.items() if code in found}

    assert len(found) > 20
    assert found == told
    assert PROBLEM_CODES.keys() == found.keys() | OF_THE_SERVER


def test_every_status_that_can_be_named_has_its_usual_code():
    assert {*MEANINGS} - {409} <= {*USUAL}  # which conflict it is, each operation says itself


def test_a_link_leads_to_an_operation_and_fills_what_it_takes(document):
    takes = {
        operation["operationId"]: {parameter["name"] for parameter in operation["parameters"]}
        for _, operation in operations_of(document)
        if "parameters" in operation
    }
    links = document["components"]["links"]

    assert len(links) > 20
    for name, link in links.items():
        assert link["parameters"].keys() <= takes[link["operationId"]], name
