"""`still uploads` and `--project` against a real server: what is sent is where it belongs."""

import hashlib
import json

import pytest

from stillhouse.cli.main import answer
from stillhouse.client import StillhouseClient
from stillhouse.client.uploads import Begun, OpenUploads
from stillhouse.domain.keys import USER_SCOPES
from stillhouse.domain.realm import Realm
from stillhouse.domain.uploads import UploadKind
from stillhouse.store import create_engine, session_factory
from tests.support.api import MIB, new_key
from tests.support.api_server import Server
from tests.support.service import TENANT


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


@pytest.fixture
def still(server, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("STILLHOUSE_URL", server.url)
    monkeypatch.setenv("STILLHOUSE_API_KEY", server.key)
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))

    def run(*arguments, code=0):
        assert answer([*map(str, arguments)]) == code
        return capsys.readouterr().out

    return run


@pytest.fixture
def client(server):
    with StillhouseClient(server.url, server.key) as connected:
        yield connected


def file_in(folder, content, name="teacher.safetensors"):
    (folder / name).write_bytes(content)
    return folder / name


def newest(listed):
    return next(iter(listed))


def test_what_is_sent_is_in_the_project_that_was_named(still, client, tmp_path):
    weights, images = file_in(tmp_path, b"of vision"), file_in(tmp_path, b"images", "x.npz")
    at_once = ["--project", "vision", "--timeout", "0"]
    sent = json.loads(still("upload", weights, "--kind", "model", "--project", "a", "--json"))
    still("models", "add", weights, "--architecture", "resnet18", *at_once, code=5)
    still("data", "add", images, *at_once, code=5)
    dataset = newest(client.datasets.list())
    more = file_in(tmp_path, b"more images", "more.npz")
    still("data", "add", more, "--to", dataset.id, "--timeout", "0", code=5)

    assert sent["project"] == "a"
    assert newest(client.models.list()).project == dataset.project == "vision"
    assert newest(client.uploads.list()).project == "vision"
    assert "teacher  vision" in still("models", "list")
    assert "x     vision" in still("data", "list")


def test_uploads_are_listed_with_how_much_has_arrived_and_forgotten(still, client, tmp_path):
    still("upload", file_in(tmp_path, b"all of it"), "--kind", "dataset")
    done = newest(client.uploads.list())
    begun = client.uploads.create(UploadKind.MODEL, "big.onnx", 32 * MIB + 1, "0" * 64)
    client.uploads.put_part(begun.id, 1, bytes(16 * MIB))
    listed = still("uploads").splitlines()
    complete = json.loads(still("uploads", "--state", "complete", "--json"))
    still("uploads", "rm", begun.id, done.id)

    assert listed[0].split() == ["id", "kind", "file", "project", "arrived", "expires"]
    assert f"{begun.id}  model    big.onnx" in listed[1]
    assert "default  49% of 33,554,433 bytes  20" in listed[1]
    assert f"{done.id}  dataset  teacher.safetensors  default  all of 9 bytes" in listed[2]
    assert (done.id in str(complete), begun.id in str(complete)) == (True, False)
    assert {begun.id, done.id}.isdisjoint(upload.id for upload in client.uploads.list())


@pytest.mark.parametrize("asked", [None, "vision", "shop"])
def test_an_interrupted_upload_goes_on_only_in_the_project_that_is_meant(server, tmp_path, asked):
    content = f"interrupted {asked}".encode()
    engine = create_engine(f"sqlite:///{server.database}")
    of_vision = new_key(session_factory(engine), Realm(TENANT, "vision"), USER_SCOPES)
    engine.dispose()
    digest = hashlib.sha256(content).hexdigest()
    with StillhouseClient(server.url, of_vision) as theirs:
        begun = theirs.uploads.create(UploadKind.MODEL, "x.onnx", len(content), digest)
    OpenUploads(tmp_path).keep(Begun(server.url, "model", digest, asked), begun.id)
    with StillhouseClient(server.url, server.key, notes=tmp_path) as client:
        path = file_in(tmp_path, content)
        sent = client.uploads.send(path, UploadKind.MODEL, project=asked)

    assert sent.project == (asked or "default")
    assert (sent.id == begun.id) == (asked == "vision")
