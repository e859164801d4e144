"""What is of another project, or of another tenant, is not there: on every route of the document.

The document is walked, so that a route which nobody has thought of fails here: its parameters must
be filled in with something that is really there, and with the key of its owner it must be found.
"""

import json
import re

import pytest

from stillhouse.domain.realm import Realm
from tests.support.api import OTHER
from tests.support.belongings import Belongings, asking
from tests.support.service import TENANT, document

OWNER = Realm(TENANT, "theirs")
STRANGERS = [Realm(TENANT, "mine"), Realm(OTHER), Realm(OTHER, "theirs")]
PREFIXES = r"\b(?:job|upl|mdl|ds|art|key)_"
NEVER_MADE = "0" * 26

SEEN_BY_ALL = {
    *("get_capabilities", "list_losses", "list_presets", "list_students"),
    *("get_specification_schema", "list_workers", "get_queue", "get_storage"),
    *("get_liveness", "get_readiness"),
}
WITHOUT_A_KEY = {"sign_in", "get_linked_content", "get_liveness", "get_readiness"}
ANY_VALUE = {
    "after_seq", "attempt", "contains", "created_after", "created_before", "cursor", "kind",
    "label", "level", "limit", "max_points", "name", "names", "q", "since_step", "sort", "state",
    "stream", "until_step",
}  # fmt: skip
"""Parameters of a query that name nothing which belongs to somebody."""
ORDER = ["get", "head", "patch", "put", "post", "delete"]


@pytest.fixture
def operations(service):
    paths = service.client.get("/openapi.json").json()["paths"]
    found = [
        (method, path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    return sorted(found, key=lambda one: ORDER.index(one[0]))


@pytest.fixture
def theirs(service):
    return Belongings(service, OWNER)


@pytest.fixture
def strangers(service, theirs):  # noqa: ARG001 - what there is to see comes first
    return [asking(service, realm) for realm in STRANGERS]


def named(operation, place):
    return [one["name"] for one in operation.get("parameters", ()) if one["in"] == place]


def filled(path, ids):
    """With ids that are there; a parameter that nobody has one for is an error."""
    return path.format(number=1, **ids)


def unknown(ids):
    return {name: f"{value.split('_')[0]}_{NEVER_MADE}" for name, value in ids.items()}


def sent(operation, theirs):
    """A body as good as any, for whoever may send it; where one is required there must be one."""
    bodies = {
        "update_job": {"json": {"name": "renamed"}},
        "create_dataset_version": {"json": {"upload": theirs.of_data}},
        "put_upload_part": {"content": b"half of it"},
    }
    wanted = operation.get("requestBody", {}).get("required", False)
    return bodies[operation["operationId"]] if wanted else {}


def forms(operation):
    """Every form in which the answer is had: JSON, a stream of events, a text, bytes."""
    return [*operation["responses"].get("200", {}).get("content", {}), None]


def told(answer):
    """A refusal, without what differs between any two."""
    if not answer.content:
        return answer.status_code
    problem = {**answer.json(), "instance": ""}
    return answer.status_code, re.sub(rf"({PREFIXES})\w+(@1)?", r"\1", json.dumps(problem))


def test_what_belongs_to_others_is_not_there_on_any_route(operations, theirs, strangers):
    """And for its owner each of these requests finds it, so that the 404 is not one of the path."""
    asked = [one for one in operations if {*named(one[2], "path")} - {"token"}]
    before, owner = theirs.service.everything(), theirs.service
    for method, path, operation in asked:
        here, nowhere = filled(path, theirs.ids), filled(path, unknown(theirs.ids))
        for form in forms(operation):
            how = {"headers": {"Accept": form}} if form else {}
            how |= sent(operation, theirs)
            for stranger in strangers:
                refused = stranger.call(method, here, **how)
                assert refused.status_code == 404, (method, path, form)
                assert told(refused) == told(stranger.call(method, nowhere, **how)), (method, path)

    assert owner.everything() == before
    for method, path, operation in asked:
        here = filled(path, theirs.ids)
        for form in forms(operation):
            how = {"headers": {"Accept": form}} if form else {}
            found = owner.call(method, here, **how, **sent(operation, theirs))
            assert found.status_code < 300 or found.status_code == 409, (method, path, form)
    assert len(asked) > 25


def test_a_head_is_refused_as_its_get_is(service, theirs, strangers):
    heads = [
        route.path for route in service.app.state.routes
        if "HEAD" in route.methods and "{token}" not in route.path
    ]  # fmt: skip
    for path in heads:
        here = filled(path, theirs.ids)
        assert [one.call("HEAD", here).status_code for one in strangers] == [404] * len(strangers)
        assert theirs.service.call("HEAD", here).status_code == 200

    assert len(heads) > 1


def test_no_list_shows_what_belongs_to_others(operations, theirs, strangers):
    lists = [
        (path, operation) for method, path, operation in operations
        if method == "get" and not named(operation, "path")
    ]  # fmt: skip
    for path, operation in lists:
        found = theirs.service.get(path).text
        shows = any(one in found for one in theirs.all)
        assert shows != (operation["operationId"] in SEEN_BY_ALL), path
        for stranger in strangers:
            for query in ({}, *queries(operation, theirs)):
                found = stranger.get(path, params=query).text
                assert not [one for one in theirs.all if one in found], (path, query)
    assert len(lists) > 8


def queries(operation, theirs):
    """Each parameter that names something of theirs; a new one has to be thought about."""
    naming = {
        "project": OWNER.project,
        "parent": theirs.job,
        "trash": "true",
        "teacher": theirs.model,
        "student": "resnet10t",
        "verdict": "not_evaluated",
    }
    return [{name: naming[name]} for name in named(operation, "query") if name not in ANY_VALUE]


def naming(operation, theirs):
    """Bodies that name what is theirs, by the pointer to where they do; for every operation that
    makes something of nothing.
    """
    student = f"job:{theirs.job}"
    two = [{"architecture": "resnet18", "checkpoint": theirs.model}, {"checkpoint": student}]
    begun = {"student": {"architecture": "resnet18", "init": theirs.model}}
    job = [
        ("/teacher/checkpoint", document(teacher=two[0])),
        ("/teacher/checkpoint", document(teacher=two[1])),
        ("/teachers/0/checkpoint", document(teacher=None, teachers=[two[0]] * 2)),
        ("/student/init", document(**begun)),
        ("/data/dataset", document(data={"dataset": theirs.data})),
    ]
    return {
        "create_job": job,
        "validate_job": job,
        "create_model": [
            ("/upload", {"upload": theirs.of_model, "name": "x", "architecture": "resnet18"})
        ],
        "create_dataset": [("/upload", {"upload": theirs.of_data, "name": "x"})],
        "create_upload": [],
        "create_key": [],
        "create_sign_in_code": [],
        "sign_in": [],
    }[operation]


def test_nothing_that_belongs_to_others_can_be_named(operations, theirs, strangers):
    makers = [
        (path, operation["operationId"]) for method, path, operation in operations
        if method == "post" and not named(operation, "path")
    ]  # fmt: skip
    for path, operation in makers:
        for pointer, body in naming(operation, theirs):
            never = json.loads(re.sub(rf"({PREFIXES})\w+", rf"\g<1>{NEVER_MADE}", json.dumps(body)))
            for stranger in strangers:
                refused = stranger.post(path, body)
                assert pointer in {one["pointer"] for one in refused.json()["errors"]}, body
                assert told(refused) == told(stranger.post(path, never)), body
            found = theirs.service.post(path, body)
            assert found.status_code < 300, (body, found.text)
            assert found.json().get("errors", []) == [], body
    assert len(makers) > 5


def test_every_field_that_names_something_is_known_here(operations, service):
    """Whoever adds one to a body finds here that it has to be tried with what is another's."""
    schemas = service.client.get("/openapi.json").json()["components"]["schemas"]
    read, waiting = set(), [operation.get("requestBody", {}) for _, _, operation in operations]
    while waiting:
        for name in re.findall("#/components/schemas/([A-Za-z]+)", json.dumps(waiting.pop())):
            if name not in read:
                read.add(name)
                waiting.append(schemas[name])
    found = {
        f"{name}.{field}"
        for name in read
        for field, schema in schemas[name].get("properties", {}).items()
        if re.search(PREFIXES, json.dumps(schema))
    }

    assert found == {
        "JobData.dataset",
        "JobStudent.init",
        "JobTeacher.checkpoint",
        "JobTeacherOfSeveral.checkpoint",
        "NewDataset.upload",
        "NewDatasetVersion.upload",
        "NewModel.upload",
    }


def test_only_what_is_its_own_key_wants_none(operations):
    keyless = {op["operationId"] for _, path, op in operations if "security" not in op}

    assert keyless == WITHOUT_A_KEY


def test_bytes_that_others_have_are_sent_again(theirs, strangers):
    new = theirs.service.announce(b"other weights")

    assert new.json()["state"] == "complete"
    for stranger in strangers:
        assert stranger.announce(b"other weights").json()["state"] == "open"


@pytest.mark.parametrize("rule", ["reuse", "reject"])
def test_a_job_of_others_is_no_duplicate(theirs, strangers, rule):
    spec = document(if_duplicate=rule)
    (known,) = theirs.service.get("/v1/jobs").json()["data"]
    again = theirs.service.post("/v1/jobs", spec)

    assert (again.json().get("id") or again.json()["job_id"]) == known["id"]
    for stranger in strangers:
        made = stranger.post("/v1/jobs", spec)
        assert (made.status_code, made.json()["id"] != known["id"]) == (202, True)


def test_one_idempotency_key_in_two_projects_is_two(theirs, strangers):
    headers = {"Idempotency-Key": "nightly"}
    everybody = [theirs.service, *strangers]
    made = [one.post("/v1/jobs", document(), headers=headers) for one in everybody]

    assert len({answer.json()["id"] for answer in made}) == len(everybody)
