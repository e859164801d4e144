"""docs/api.md, made from the OpenAPI document."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from openapi_document import document
from tables import kind, table

from api.document.problem_codes import PROBLEM_CODES

INTRODUCTION = (Path(__file__).parent / "api_introduction.md").read_text(encoding="utf-8")
JSON = "application/json"
PROBLEM = "application/problem+json"
TITLES = {
    "jobs": "Jobs",
    "artifacts": "Artifacts",
    "uploads": "Uploads",
    "models": "Models",
    "datasets": "Data sets",
    "catalog": "The catalogue",
    "health": "Health",
}


class Operation(NamedTuple):
    method: str
    path: str
    told: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.told["operationId"])

    @property
    def label(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[Mapping[str, Any]]:
        return list(self.told.get("parameters", ()))

    def contents(self, media_type: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """By status: the bodies of this type that it answers with."""
        for status, response in self.told["responses"].items():
            if media_type in response.get("content", {}):
                yield status, response["content"][media_type]


def page() -> str:
    return Page(document()).text()


class Page:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self._shown: dict[str, tuple[str, Mapping[str, Any]]] = {}
        """By schema: where an answer of it stood first, and that answer."""
        self._operations = [
            Operation(method, path, told)
            for path, methods in document["paths"].items()
            for method, told in methods.items()
        ]

    def text(self) -> str:
        parts = [INTRODUCTION, self._contents()]
        for tag in self._tags():
            parts.append(f"## {TITLES.get(tag, tag.capitalize())}\n")
            parts += [self._operation(one) for one in self._operations if tag in one.told["tags"]]
        parts += ["## What answers are made of\n", *self._fields(), _codes()]
        return "\n".join(parts)

    def _tags(self) -> list[str]:
        return list(dict.fromkeys(one.told["tags"][0] for one in self._operations))

    def _contents(self) -> str:
        rows = ["| operation | what it does | scope |", "| --- | --- | --- |"]
        for one in self._operations:
            first = _words(one.told["description"].split("\n\n")[0]).partition(". ")[0]
            rows.append(f"| [`{one.label}`](#{one.name}) | {first.rstrip('.')} | {_scope(one)} |")
        return "\n".join(rows) + "\n"

    def _operation(self, one: Operation) -> str:
        about = "\n\n".join(map(_words, one.told["description"].split("\n\n")))
        parts = [
            f'<a id="{one.name}"></a>\n\n### `{one.label}`\n',
            f"{about} Scope: {_scope(one)}.\n",
        ]
        if one.parameters:
            parts.append(_parameters(one))
        parts += self._body(one)
        parts.append(f"```sh\n{_curl(one)}\n```\n")
        parts += self._answer(one)
        parts.append(_refusals(one))
        return "\n".join(parts)

    def _body(self, one: Operation) -> Iterator[str]:
        content = one.told.get("requestBody", {}).get("content", {})
        if JSON not in content:
            return
        name = _name(content[JSON]["schema"])
        if name == "JobSpec":
            yield "The body is a [specification](specification.md), with what a service adds:\n"
            added = ("project", "labels", "limits", "priority", "if_duplicate")
            own = self._schemas[name]["properties"]
            yield table({"properties": {key: own[key] for key in added}})
        else:
            yield table(self._schemas[name])

    def _answer(self, one: Operation) -> Iterator[str]:
        described = [
            f"`{status}` {_words(response['description'])}"
            for status, response in one.told["responses"].items()
            if status < "4" and response["description"] != "Successful Response"
        ]
        for status, content in one.contents(JSON):
            if status < "3" and "example" in content:
                yield from self._example(one, status, content)
                break
        if described:
            yield f"{'; '.join(described)}\n"

    def _example(self, one: Operation, status: str, content: Mapping[str, Any]) -> Iterator[str]:
        name, example = _name(content["schema"]), content["example"]
        first = self._shown.get(name)
        if first is None or not isinstance(example, Mapping):
            self._shown.setdefault(name, (one.name, example))
            yield f"Answer `{status}`{_of(name)}:\n\n{_json(_in_short(example))}"
            return
        where, before = first
        differs = {key: value for key, value in example.items() if before.get(key) != value}
        same = f"Answer `{status}`{_of(name)}, such as that of [{where}](#{where})"
        yield f"{same}, with:\n\n{_json(differs)}" if differs else f"{same}.\n"

    def _fields(self) -> Iterator[str]:
        names = dict.fromkeys(
            name
            for one in self._operations
            for _, content in one.contents(JSON)
            for name in self._below(_name(content["schema"]))
        )
        for name in names:
            schema = self._schemas[name]
            rows = ["| field | value | meaning |", "| --- | --- | --- |"]
            rows += [
                f"| `{field}` | {self._kind(of)} | {_cell(of.get('description', ''))} |"
                for field, of in schema["properties"].items()
            ]
            yield f"### {name}\n\n" + "\n".join(rows) + "\n"

    def _kind(self, field: Mapping[str, Any]) -> str:
        of = _name(field.get("items", {}))
        told = f"list of [{of}](#{of.lower()})" if of else kind(field, self._schemas)
        return f"{told} or null" if {"type": "null"} in field.get("anyOf", ()) else told

    def _below(self, name: str) -> Iterator[str]:
        """The schema, and those that it is made of."""
        schema = self._schemas.get(name, {})
        if "properties" in schema:
            yield name
            for inner in _references(schema["properties"]):
                if inner != name:
                    yield from self._below(inner)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if "$ref" in node:
            yield _name(node)
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _name(schema: Mapping[str, Any]) -> str:
    """Of the schema, or of what a list is of."""
    reference = schema.get("$ref") or schema.get("items", {}).get("$ref", "")
    return str(reference.rpartition("/")[2])


def _of(name: str) -> str:
    return f", [{name}](#{name.lower()})" if name else ""


def _words(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _words(text).replace("|", "\\|")


def _scope(one: Operation) -> str:
    ways = one.told.get("security", ())
    scopes = [f"`{scope}`" for way in ways for of in way.values() for scope in of]
    return ", ".join(scopes) or ("any key" if ways else "no key")


def _parameters(one: Operation) -> str:
    rows = ["| parameter | in | value | meaning |", "| --- | --- | --- | --- |"]
    for parameter in one.parameters:
        schema = parameter["schema"]
        default = schema.get("default")
        usual = f"; {json.dumps(default)} when not given" if default not in (None, "", []) else ""
        meaning = _cell(parameter.get("description", ""))
        value = f"{kind(schema)}{usual}"
        rows.append(f"| `{parameter['name']}` | {parameter['in']} | {value} | {meaning} |")
    return "\n".join(rows) + "\n"


def _curl(one: Operation) -> str:
    words = ["curl"] if one.method == "get" else [f"curl -X {one.method.upper()}"]
    words.append(f'"$STILLHOUSE_URL{_address(one)}"')
    if one.told.get("security"):
        words.append('-H "Authorization: Bearer $STILLHOUSE_API_KEY"')
    words += [
        "-H " + shlex.quote(f"{parameter['name']}: {parameter['example']}")
        for parameter in one.parameters
        if parameter["in"] == "header" and "example" in parameter
    ]
    content = one.told.get("requestBody", {}).get("content", {})
    if JSON in content:
        text = json.dumps(content[JSON]["example"], indent=2)
        words += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(text)}"]
    elif content:
        words.append("--data-binary @part-1")
    return " \\\n  ".join(words)


def _address(one: Operation) -> str:
    path, query = one.path, []
    for parameter in one.parameters:
        name = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", quote(str(parameter["schema"]["examples"][0])))
        elif parameter["in"] == "query" and "example" in parameter:
            query.append((name, parameter["example"]))
    return path + (f"?{urlencode(query, doseq=True)}" if query else "")


def _in_short(page: Any) -> Any:
    """A page of jobs, without the specifications that the first job has shown."""
    if not isinstance(page, Mapping) or "data" not in page:
        return page
    left_out = {"spec": {"...": "..."}, "resolved": {"...": "..."}}
    items = [{**item, **left_out} if "resolved" in item else item for item in page["data"]]
    return {**page, "data": items}


def _json(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```\n"


def _refusals(one: Operation) -> str:
    by_status = sorted(one.contents(PROBLEM), key=lambda told: told[0])
    codes = [code for _, content in by_status for code in content["examples"]]
    return f"Refusals: {', '.join(f'[{code}](#{code})' for code in codes)}.\n"


def _codes() -> str:
    rows = [
        "## Codes of refusals\n",
        "| code | status | meaning | way out |",
        "| --- | --- | --- | --- |",
    ]
    for code, told in PROBLEM_CODES.items():
        anchor = f'<a id="{code}"></a>`{code}`'
        rows.append(f"| {anchor} | {told.status} | {_cell(told.meaning)} | {_cell(told.way_out)} |")
    example = PROBLEM_CODES["invalid_transition"].example("invalid_transition")
    return "\n".join(rows) + f"\n\nOne as it is sent:\n\n{_json(example)}"
