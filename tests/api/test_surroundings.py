"""Pages of other origins, and proxies: who is answered, and who is believed. On real servers."""

import time

import pytest
from pydantic import ValidationError

from stillhouse.runtime.settings import Settings
from tests.support.api_server import Server

PAGE = "https://bench.example.org"
SHOWN = {
    "Content-Range",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "X-Request-Id",
}


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    """It answers pages of one origin, and believes the proxy that the tests pretend to be."""
    settings = {"cors_origins": PAGE, "trusted_proxies": "127.0.0.0/8"}
    with Server(tmp_path_factory.mktemp("open"), template, key, **settings) as running:
        yield running


@pytest.fixture(scope="module")
def closed(template, key, tmp_path_factory):
    """As it comes."""
    with Server(tmp_path_factory.mktemp("closed"), template, key) as running:
        yield running


def preflight(server, origin, method="POST", headers="authorization,idempotency-key"):
    asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return server.client.options("/v1/jobs", headers={"Origin": origin, **asked})


def cors_headers(answer):
    return {name for name in answer.headers if name.startswith("access-control-")}


def test_a_page_of_a_known_origin_may_ask_and_read_what_it_needs(server):
    allowed = preflight(server, PAGE)
    answer = server.client.get("/v1/jobs", headers={"Origin": PAGE})
    shown = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}

    assert (200, PAGE) == (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"])
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in allowed.headers["Access-Control-Allow-Headers"]
    assert (200, PAGE) == (answer.status_code, answer.headers["Access-Control-Allow-Origin"])
    assert "Origin" in answer.headers["Vary"]
    assert shown >= SHOWN
    assert "access-control-allow-credentials" not in {*allowed.headers, *answer.headers}


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/jobs?limit=0", "/v1/jobs/job_1"])
def test_a_page_can_read_why_it_was_refused(server, path):
    answer = server.client.get(path, headers={"Origin": PAGE})

    assert answer.status_code in {404, 422}
    assert PAGE == answer.headers["Access-Control-Allow-Origin"]


@pytest.mark.parametrize("origin", ["https://elsewhere.example", f"{PAGE}.evil.example", "null"])
def test_a_page_of_another_origin_may_not(server, origin):
    answer = server.client.get("/v1/jobs", headers={"Origin": origin})

    assert 400 == preflight(server, origin).status_code
    assert "access-control-allow-origin" not in answer.headers


def test_no_page_may_ask_as_long_as_nobody_says_so(closed):
    answer = closed.client.get("/v1/jobs", headers={"Origin": PAGE})

    assert set() == cors_headers(answer) | cors_headers(preflight(closed, PAGE))


def client_seen(server, name, forwarded):
    """Whom the service takes for the client of a request."""
    server.client.get("/livez", headers={"X-Request-Id": name, "X-Forwarded-For": forwarded})
    deadline = time.monotonic() + 20
    while not (mine := [line for line in server.lines() if line.get("request_id") == name]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return mine[0]["client"]


def test_a_trusted_proxy_is_believed_and_what_its_client_made_up_is_not(server):
    assert "203.0.113.9" == client_seen(server, "plain", "203.0.113.9")
    assert "203.0.113.9" == client_seen(server, "made-up", "198.51.100.1, 203.0.113.9")


def test_nobody_else_is_believed(closed):
    assert "127.0.0.1" == client_seen(closed, "stranger", "203.0.113.9")


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("cors_origins", "https://example.org/"),
        ("cors_origins", "example.org"),
        ("cors_origins", "https://example.org,javascript:alert(1)"),
        ("trusted_proxies", "*"),
        ("trusted_proxies", "10.0.0.5,proxy.example.org"),
        ("trusted_proxies", "10.0.0.5/8"),
        ("root_path", "stillhouse"),
        ("root_path", "/stillhouse/"),
        ("root_path", "/a b"),
    ],
)
def test_what_means_nothing_is_refused_at_the_start(monkeypatch, setting, text):
    monkeypatch.setenv(f"STILLHOUSE_{setting.upper()}", text)
    with pytest.raises(ValidationError, match=r"; (write|name) "):
        Settings()


def test_several_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("STILLHOUSE_CORS_ORIGINS", f"{PAGE}, http://[::1]:5173")
    monkeypatch.setenv("STILLHOUSE_TRUSTED_PROXIES", "10.0.0.5, fd00::/8")
    settings = Settings()

    assert (PAGE, "http://[::1]:5173") == settings.cors_origins
    assert ("10.0.0.5", "fd00::/8") == settings.trusted_proxies
