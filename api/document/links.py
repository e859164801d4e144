"""Links: where to go with what an answer has made, told so that programs can follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from api.document.examples import operations, success


class Made(NamedTuple):
    parameter: str
    where: str
    """A runtime expression: where the answer says what the parameter should be."""


BY_OPERATION: Mapping[str, Made] = {
    "create_job": Made("job_id", "$response.body#/id"),
    "clone_job": Made("job_id", "$response.body#/id"),
    "retry_job": Made("job_id", "$response.body#/id"),
    "list_artifacts": Made("artifact_id", "$response.body#/data/0/id"),
    "create_upload": Made("upload_id", "$response.body#/id"),
    "create_model": Made("model_id", "$response.body#/id"),
    "create_dataset": Made("dataset_id", "$response.body#/id"),
}
"""What makes something that other operations take."""


def add_links(document: dict[str, Any]) -> None:
    shared: dict[str, Any] = {}
    for operation in operations(document):
        made = BY_OPERATION.get(operation["operationId"])
        if made is not None:
            links = _links(document, made)
            shared |= links
            success(operation)["links"] = {
                name: {"$ref": f"#/components/links/{name}"} for name in links
            }
    document["components"]["links"] = dict(sorted(shared.items()))


def _links(document: Mapping[str, Any], made: Made) -> dict[str, Any]:
    where = "of_the_first" if "data" in made.where else "of_it"
    return {
        f"{operation['operationId']}_{where}": {
            "operationId": operation["operationId"],
            "parameters": {made.parameter: made.where},
        }
        for operation in operations(document)
        if made.parameter in _in_path(operation)
    }


def _in_path(operation: Mapping[str, Any]) -> set[str]:
    parameters = operation.get("parameters", ())
    return {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
