"""Bodies: nobody reads what nobody may send, and who sends it all the same hears the answer."""

import asyncio
import re
from functools import partial

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse

from api.body_limit import BodyLimit, body_of
from api.main import ROUTERS
from stillhouse.domain.errors import BodyStalled, TooLarge
from stillhouse.domain.keys import Scope
from stillhouse.store import create_engine, session_factory
from tests.support.api import MIB, new_key, sha256
from tests.support.api_server import Server
from tests.support.service import TENANT

HUGE = 64 * MIB
ALIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
PREFIXES = {"upload": "upl", "model": "mdl", "dataset": "ds", "artifact": "art"}


def filled(path):
    """With ids that look like ids."""

    def some(found):
        return f"{PREFIXES.get(found[1], found[1])}_{'0' * 26}"

    return re.sub(r"{(\w+)_id}", some, path).replace("{number}", "1")


WRITES = sorted(
    (method, filled(route.path), "requestBody" in (route.openapi_extra or {}))
    for router in ROUTERS
    for route in router.routes
    for method in route.methods - {"GET", "HEAD"}
)


NEED_NO_KEY = "/v1/sign-in"
"""There, a short body is the key."""
ITSELF = "/v1/sign-in-codes"


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


@pytest.fixture(scope="module")
def new_key_of(server):
    """Another one of the same tenant, with other scopes."""
    engine = create_engine(f"sqlite:///{server.database}")
    yield partial(new_key, session_factory(engine), TENANT)
    engine.dispose()


@pytest.fixture(scope="module")
def idle_key(new_key_of):
    return new_key_of([])


@pytest.fixture(scope="module")
def full_key(new_key_of):
    return new_key_of(Scope)


def told(connection):
    """All that is answered before the server ends the connection."""
    answer = b""
    while part := connection.recv(1 << 16):
        answer += part
    return answer


def answered(server, method, path, key=None, length=HUGE, **headers):
    """To the head of a request, of whose body nothing is sent."""
    with server.raw(method, path, length, key, **headers) as connection:
        return connection.recv(1 << 16)


def test_without_a_key_the_answer_comes_before_the_first_byte_of_the_body(server):
    for method, path, _ in WRITES:
        answer = answered(server, method, path)
        status = b"413" if path == NEED_NO_KEY else b"401"

        assert answer.startswith(b"HTTP/1.1 %s " % status), (method, path)
        assert b"\r\nconnection: close\r\n" in answer.lower()
    assert len(WRITES) > 15


def test_without_the_scope_too(server, idle_key):
    for method, path, _ in WRITES:
        answer = answered(server, method, path, idle_key)
        # Any key may hand itself on: of that code nobody reads a body either.
        status = {NEED_NO_KEY: b"413", ITSELF: b"201"}.get(path, b"403")

        assert answer.startswith(b"HTTP/1.1 %s " % status), (method, path)


def test_what_is_too_large_is_refused_before_its_first_byte(server, full_key):
    asked = [write for write in WRITES if write[2] and "/parts/" not in write[1]]
    for method, path, _ in asked:
        answer = answered(server, method, path, full_key)

        assert answer.startswith(b"HTTP/1.1 413 "), (method, path)
        assert b"application/problem+json" in answer
    assert len(asked) > 10


@pytest.mark.parametrize("path", [path for _, path, has_body in WRITES if not has_body][:3])
def test_a_body_that_nobody_wants_is_not_read(server, full_key, path):
    answer = answered(server, "DELETE", path, full_key)

    assert re.match(rb"HTTP/1.1 40[45] ", answer)
    assert b"\r\nconnection: close\r\n" in answer.lower()


@pytest.mark.parametrize("status", [401, 413])
def test_who_sends_it_all_the_same_hears_the_answer(server, status):
    with server.raw("POST", "/v1/jobs", HUGE, server.key if status == 413 else None) as connection:
        connection.sendall(bytes(HUGE))
        answer = told(connection)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_a_body_without_a_length_ends_where_it_is_too_long(server):
    with server.raw("POST", "/v1/jobs", None, server.key) as connection:
        chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
        for _ in range(200):
            connection.sendall(chunk)
        connection.sendall(b"0\r\n\r\n")
        answer = told(connection)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer


def test_nobody_is_told_to_go_on_who_will_be_refused(server):
    expecting = {"Expect": "100-continue"}
    stranger = answered(server, "POST", "/v1/jobs", length=100, **expecting)
    large = answered(server, "POST", "/v1/jobs", server.key, **expecting)
    good = answered(server, "POST", "/v1/jobs", server.key, length=100, **expecting)

    assert stranger.startswith(b"HTTP/1.1 401 ")
    assert b"\r\nconnection: close\r\n" in stranger.lower()
    assert large.startswith(b"HTTP/1.1 413 ")
    assert good.startswith(b"HTTP/1.1 100 ")


def test_a_connection_is_kept_when_little_is_left_of_the_body(server):
    with server.raw("POST", "/v1/jobs", 10) as connection:
        head = connection.recv(1 << 16)
        connection.sendall(b'{"a": "b"}' + ALIVE)
        rest = told(connection)

    assert head.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" not in head.lower()
    assert b"HTTP/1.1 200 " in rest


def test_what_comes_after_the_announced_bytes_is_not_of_the_part(server):
    content = b"x" * MIB
    new = {"kind": "model", "filename": "x", "bytes": MIB, "sha256": sha256(content)}
    upload = server.client.post("/v1/uploads", json=new).json()
    path = f"/v1/uploads/{upload['id']}/parts/1"
    with server.raw("PUT", path, MIB, server.key) as connection:
        connection.sendall(content + b"and more, which is no request\r\n\r\n")
        answer = told(connection)
    [part] = server.client.get(f"/v1/uploads/{upload['id']}").json()["parts"]

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 400 " in answer
    assert (MIB, sha256(content)) == (part["bytes"], part["sha256"])


def passed_through(app, messages, headers=(), **limits):
    """What an application sends whose client sends these messages, and then nothing."""
    left, sent = iter(messages), []

    async def receive():
        message = next(left, None)
        return message if message is not None else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    asked = {"type": "http", "method": "POST", "path": "/", "headers": list(headers)}
    asyncio.run(BodyLimit(app, **limits)(asked, receive, send))
    return sent


def piece(size, *, more=True):
    return {"type": "http.request", "body": bytes(size), "more_body": more}


async def reader(scope, receive, send):
    request = Request(scope, receive)
    await JSONResponse(len(await request.body()))(scope, receive, send)


def test_a_body_that_stops_coming_is_not_waited_for():
    with pytest.raises(BodyStalled):
        passed_through(reader, [piece(1)], silent_s=0.01)


def test_an_endpoint_may_allow_itself_more_or_less():
    async def generous(scope, receive, send):
        body_of(Request(scope)).allowed = 2 * MIB
        await reader(scope, receive, send)

    async def strict(scope, receive, send):
        body_of(Request(scope)).allowed = 1
        await reader(scope, receive, send)

    body = [piece(MIB), piece(MIB, more=False)]

    assert passed_through(generous, body)[1]["body"] == str(2 * MIB).encode()
    for app in (strict, reader):
        with pytest.raises(TooLarge):
            passed_through(app, body)


def test_the_wait_for_the_rest_of_a_body_has_an_end():
    headers = [(b"content-length", b"1000000")]
    sent = passed_through(JSONResponse("no"), [piece(1)], headers, linger_s=0.01)

    assert [True, False] == [message.get("more_body") for message in sent[1:]]
    assert [b'"no"', b""] == [message["body"] for message in sent[1:]]
    assert (b"connection", b"close") in [(k.lower(), v) for k, v in sent[0]["headers"]]
