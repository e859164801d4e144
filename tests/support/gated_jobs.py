"""Jobs of a second or two, each with gates that it passes or does not, and what JUnit says."""

from xml.etree.ElementTree import parse

import yaml

from tests.support.small_runs import SIDE, small_data, small_spec

SMALL = {"metric": "parameters", "op": "<=", "value": 10_000_000, "of": "safetensors"}
TINY = {"metric": "parameters", "op": "<=", "value": 10}


def stripes(home):
    """The reference of forty images, registered from this home."""
    data = small_data(home.folder / "stripes.npz", count=40)
    return home.json("data", "add", data)["versions"][0]["ref"]


def write_job(path, dataset, *, recipe=None, **changes):
    spec = small_spec(data={"dataset": dataset, "image_size": SIDE}, **changes)
    spec["recipe"] = spec["recipe"] | {"epochs": 1} | (recipe or {})
    path.write_text(yaml.safe_dump(spec))
    return path


def cases(path):
    return parse(path).getroot().findall("testsuite/testcase")  # noqa: S314 - our own file
