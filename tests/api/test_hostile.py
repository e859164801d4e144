"""Whatever is sent, the answer is an answer: no document and no text is a defect."""

import json
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.service import document

REFUSALS = {400, 404, 405, 409, 413, 422}
# One service for all examples: what they leave in it does not matter to the next.
SHARED = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

words = st.text(max_size=20) | st.sampled_from(["mdl_", "ds_@1", "file:", "file:/\0", "\ud800", ""])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    ["teacher", "student", "data", "loss", "recipe", "limits", "labels", "resources", "name"]
)
uploads = st.fixed_dictionaries(
    {},
    optional={
        "kind": values | st.just("model"),
        "filename": values | st.just("x"),
        "bytes": values | st.just(7),
        "sha256": values | st.just("0" * 64),
        "part_size": values,
        "upload": values,
        "name": values | st.just("x"),
        "architecture": values | st.just("resnet18"),
    },
)


def sent(given_):
    return json.dumps(given_).replace("NaN", "1e999").replace("Infinity", "1e999")


@SHARED
@given(changes=st.dictionaries(keys, values, max_size=3), inner=values)
def test_no_specification_is_a_defect(service, changes, inner):
    for given_ in (
        document(**changes),
        document(data={"dataset": inner}),
        document(loss=[{"kind": "kd", "temperature": inner}]),
        document(student={"architecture": "resnet10t", "init": inner}),
    ):
        submitted = service.call("POST", "/v1/jobs", content=sent(given_))
        validated = service.call("POST", "/v1/jobs/validate", content=sent(given_))

        assert submitted.status_code in {202, *REFUSALS}
        assert validated.status_code == 200 or validated.json() != {}
        if validated.status_code == 200:
            assert validated.json()["valid"] == (submitted.status_code == 202)


@SHARED
@given(body=uploads | values)
def test_no_other_body_is_a_defect(service, body):
    for path in ("/v1/uploads", "/v1/models", "/v1/datasets"):
        answer = service.call("POST", path, content=sent(body))

        assert answer.status_code in {201, 202, *REFUSALS}


@SHARED
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_no_text_in_an_address_is_a_defect(service, text):
    odd = quote(text, safe="")
    for path in (
        f"/v1/jobs/{odd}",
        f"/v1/artifacts/{odd}/content",
        f"/v1/jobs?cursor={odd}",
        f"/v1/jobs?state={odd}",
        f"/v1/catalog/students?q={odd}",
    ):
        assert service.get(path).status_code in {200, *REFUSALS}


@SHARED
@given(content=st.binary(max_size=200))
def test_no_bytes_are_a_defect(service, content):
    for path in ("/v1/jobs", "/v1/jobs/validate", "/v1/models"):
        assert service.call("POST", path, content=content).status_code in REFUSALS | {200}


@SHARED
@given(patch=st.dictionaries(keys, values, max_size=3) | values, inner=values)
def test_no_patch_and_no_verb_is_a_defect(service, patch, inner):
    here = service.post("/v1/jobs", document()).json()["links"]["self"]
    for method, path, body in (
        ("POST", f"{here}/clone", {"patch": patch}),
        ("PATCH", here, patch),
        ("PATCH", here, {"labels": inner}),
        ("POST", f"{here}/retry", {"from_start": inner}),
        ("POST", f"{here}/pause", inner),
        ("POST", f"{here}/restore", {"reason": inner}),
        ("DELETE", here, inner),
    ):
        answer = service.call(method, path, content=sent(body))

        assert answer.status_code in {200, 202, *REFUSALS}, (method, path)


@SHARED
@given(
    name=st.sampled_from(["sort", "label", "name", "project", "parent", "created_after", "trash"]),
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
)
def test_no_filter_is_a_defect(service, name, text):
    answer = service.get(f"/v1/jobs?{name}={quote(text, safe='')}")

    assert answer.status_code in {200, 422}


def test_of_a_document_that_is_wrong_everywhere_a_hundred_places_are_told(service):
    wrong = service.post("/v1/jobs", {f"k{number}": 0 for number in range(3000)})
    errors = wrong.json()["errors"]

    assert (422, 101) == (wrong.status_code, len(errors))
    assert ("more_problems", "mend these first") == (errors[-1]["code"], errors[-1]["hint"])


def test_a_key_that_stands_twice_among_thousands_is_named(service):
    body = ",".join([f'"k{number}":0' for number in range(30_000)] + ['"k7":1'])
    answer = service.call("POST", "/v1/jobs", content=f"{{{body}}}".encode())

    assert (400, "the body is not JSON: the key 'k7' stands twice") == (
        answer.status_code,
        answer.json()["detail"],
    )
