"""The OpenAPI document is valid, whole, and says what the service does."""

import json

import pytest
from fastapi.openapi.models import OpenAPI

PROBLEM = {"$ref": "#/components/schemas/Problem"}


@pytest.fixture
def document(service):
    return service.client.get("/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def schema_of(response):
    [content] = response["content"].values()
    return content["schema"]


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for key, value in node.items():
            if key == "discriminator":
                yield from value.get("mapping", {}).values()
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere(document):
    OpenAPI.model_validate(document)
    found = set(references(document))

    assert document["openapi"].startswith("3.1")
    assert len(found) > 30
    for reference in found:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
    assert not any("HTTPValidationError" in reference for reference in found)


def test_every_operation_has_a_name_a_tag_and_a_sentence(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names)) > 20
    assert {"create_job", "validate_job", "put_upload_part", "get_artifact_content"} <= {*names}
    for method, path, operation in operations(document):
        assert operation["tags"], (method, path)
        assert operation["description"].endswith("."), (method, path)


def test_every_operation_tells_its_refusals(document):
    for method, path, operation in operations(document):
        where, responses = f"{method} {path}", operation["responses"]

        assert schema_of(responses["default"]) == PROBLEM, where
        if path in {"/v1/links/{token}", "/v1/sign-in"}:
            assert "security" not in operation
        elif path.startswith("/v1/"):
            assert schema_of(responses["401"]) == PROBLEM, where
            assert [{"api_key"}] == [{*way} for way in operation["security"]], where
        if "{" in path:
            assert "404" in responses, where
        if "parameters" in operation or "requestBody" in operation:
            assert "422" in responses, where
        if "requestBody" in operation:
            assert {"400", "413"} <= set(responses), where


def test_two_things_never_have_one_name(document):
    """FastAPI would tell them apart by their modules: names that clients then have to use."""
    assert [] == [name for name in document["components"]["schemas"] if "__" in name]


def test_the_body_of_a_job_is_the_specification(document):
    body = document["paths"]["/v1/jobs"]["post"]["requestBody"]["content"]
    spec = document["components"]["schemas"]["JobSpec"]

    assert body["application/json"]["schema"] == {"$ref": "#/components/schemas/JobSpec"}
    assert {"teacher", "student", "data", "loss", "limits"} <= set(spec["properties"])
    assert spec["additionalProperties"] is False


def test_every_field_of_an_answer_is_there_and_described(document):
    schemas = document["components"]["schemas"]
    for name in ("Job", "Attempt", "Upload", "Model", "Dataset", "Artifact", "Event", "Problem"):
        schema = schemas[name]

        assert set(schema["required"]) == set(schema["properties"]), name
        for field, shape in schema["properties"].items():
            assert "description" in shape or "$ref" in json.dumps(shape), f"{name}.{field}"


def test_the_schema_of_a_refusal_is_what_is_sent(document, service):
    problem = service.get("/v1/jobs?limit=0").json()
    schemas = document["components"]["schemas"]

    assert set(schemas["Problem"]["properties"]) == set(problem)
    assert set(schemas["ReportedProblem"]["properties"]) == set(problem["errors"][0])
