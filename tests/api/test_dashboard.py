"""The dashboard as a browser gets it: its page, its files, and nothing else, from a real server."""

import re
import time

import pytest

from tests.support.api_server import Server
from tests.support.built_dashboard import BROTLI, FILES, INDEX, SCRIPT, built_dashboard

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SCRIPT_PATH = "/assets/index-C-JIIqJK.js"
STYLE_PATH = "/assets/index-Dk3.css"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    built = built_dashboard(tmp_path_factory.mktemp("built"))
    (built.parent / "secret.txt").write_text("kept to itself")
    (built / "assets/link.js").symlink_to(built.parent / "secret.txt")
    folder = tmp_path_factory.mktemp("server")
    with Server(folder, template, key, dashboard_dir=built) as running:
        running.client.headers.clear()  # nobody has a key yet
        yield running


@pytest.fixture
def unbuilt(template, key, tmp_path):
    with Server(tmp_path, template, key, dashboard_dir=tmp_path / "nothing") as running:
        yield running


def browse(server, path, **headers):
    return server.client.get(path, headers={**BROWSER, **headers})


@pytest.mark.parametrize(
    "path", ["/", "/jobs", "/jobs/job_06earhkqg1quh68241tflqrh40?tab=curves", "/v2", "/compare/"]
)
def test_every_address_of_a_screen_is_the_page(server, path):
    answer = browse(server, path)

    assert (200, INDEX) == (answer.status_code, answer.content)
    assert "text/html; charset=utf-8" == answer.headers["Content-Type"]
    assert "no-cache" == answer.headers["Cache-Control"]
    assert "Accept" == answer.headers["Vary"]


def test_the_page_is_not_sent_to_who_has_it(server):
    first = browse(server, "/")
    again = browse(server, "/jobs", **{"If-None-Match": first.headers["ETag"]})

    assert (304, b"") == (again.status_code, again.content)
    assert first.headers["ETag"] == again.headers["ETag"]
    assert POLICY == again.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", SCRIPT_PATH, "/favicon.svg"])
def test_nothing_runs_in_the_page_that_is_not_ours(server, path):
    headers = browse(server, path).headers

    assert POLICY == headers["Content-Security-Policy"]
    assert ("nosniff", "no-referrer") == (
        headers["X-Content-Type-Options"],
        headers["Referrer-Policy"],
    )


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/v1/nothing", "text/html"),
        ("/v1", "text/html"),
        ("/assets/gone.js", "text/html"),
        ("/assets", "text/html"),
        ("/jobs", "application/json"),
        ("/jobs", "*/*"),
        ("/", "*/*"),
    ],
)
def test_what_is_no_screen_is_a_problem_as_ever(server, path, accept):
    answer = server.client.get(path, headers={"Accept": accept})

    assert (404, "not_found") == (answer.status_code, answer.json()["code"])
    assert "application/problem+json" == answer.headers["Content-Type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_screen_is_only_read(server, method):
    answer = server.client.request(method, "/jobs", headers=BROWSER)

    assert (404, "not_found") == (answer.status_code, answer.json()["code"])


def test_what_the_api_has_stays_what_it_was(server):
    assert {"status": "ok"} == browse(server, "/livez").json()
    assert "/v1/jobs" in browse(server, "/openapi.json").json()["paths"]
    assert 401 == browse(server, "/v1/jobs").status_code
    assert 405 == server.client.post("/livez", headers=BROWSER).status_code


def test_no_file_is_in_the_document(server):
    paths = server.client.get("/openapi.json").json()["paths"]

    assert [] == [path for path in paths if not path.startswith(("/v1/", "/livez", "/readyz"))]


@pytest.mark.parametrize(
    ("accepted", "coding", "content"),
    [
        ("gzip, deflate, br, zstd", "br", BROTLI),
        ("gzip", "gzip", SCRIPT),
        ("br;q=0, gzip;q=0.5", "gzip", SCRIPT),
        ("identity", None, SCRIPT),
        ("gzip;q=0.000, BR;q=0", None, SCRIPT),
        (";;,gzip;q=x", None, SCRIPT),
    ],
)
def test_a_file_comes_as_it_was_compressed_when_it_was_built(server, accepted, coding, content):
    headers = {"Accept-Encoding": accepted}
    with server.client.stream("GET", SCRIPT_PATH, headers=headers) as answer:
        raw = b"".join(answer.iter_raw())
    length = int(answer.headers["Content-Length"])

    assert coding == answer.headers.get("Content-Encoding")
    assert length == len(raw)
    assert raw == (FILES[f"{SCRIPT_PATH[1:]}.gz"] if coding == "gzip" else content)
    assert "Accept-Encoding" == answer.headers["Vary"]


def test_a_file_whose_name_has_a_digest_is_kept_for_ever(server):
    script, style = (server.client.get(path) for path in (SCRIPT_PATH, STYLE_PATH))
    icon = server.client.get("/favicon.svg")

    assert "public, max-age=31536000, immutable" == script.headers["Cache-Control"]
    assert "text/javascript; charset=utf-8" == script.headers["Content-Type"]
    assert "text/css; charset=utf-8" == style.headers["Content-Type"]
    assert ("image/svg+xml", "no-cache") == (
        icon.headers["Content-Type"],
        icon.headers["Cache-Control"],
    )


def test_each_coding_has_a_tag_of_its_own(server):
    headers = [{"Accept-Encoding": coding} for coding in ("br", "gzip", "identity")]
    tags = [server.client.head(SCRIPT_PATH, headers=one).headers["ETag"] for one in headers]
    again = [
        server.client.get(SCRIPT_PATH, headers={**one, "If-None-Match": tag}).status_code
        for one, tag in zip(headers, tags, strict=True)
    ]
    other = server.client.get(SCRIPT_PATH, headers={**headers[2], "If-None-Match": tags[1]})

    assert 3 == len({*tags})
    assert [304, 304, 304] == again
    assert 200 == other.status_code


@pytest.mark.parametrize("path", ["/", "/jobs", SCRIPT_PATH])
def test_a_head_is_what_its_get_is_without_the_content(server, path):
    headers = {**BROWSER, "Accept-Encoding": "identity"}
    whole, head = (server.client.request(how, path, headers=headers) for how in ("GET", "HEAD"))
    for answer in (whole, head):
        del answer.headers["X-Request-Id"], answer.headers["Date"]

    assert (200, b"") == (head.status_code, head.content)
    assert whole.headers == head.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets//etc/passwd",
        "/assets/link.js",
        "/assets/index-C-JIIqJK.js.gz",
        "/assets/index-C-JIIqJK.js%00.png",
        "//etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_build(server, path):
    with server.raw("GET", path, 0, Connection="close") as connection:
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"kept to itself" not in answer


def test_the_log_says_which_file_and_never_what_was_asked_for(server):
    browse(server, "/jobs/somebody@example.org", **{"X-Request-Id": "a-screen"})
    server.client.get(SCRIPT_PATH, headers={"X-Request-Id": "a-file"})
    browse(server, "/livez", **{"X-Request-Id": "the-last"})
    deadline = time.monotonic() + 20
    while not (lines := {line.get("request_id"): line for line in server.lines()}).get("the-last"):
        assert time.monotonic() < deadline

    assert ("/{screen}", 200) == (lines["a-screen"]["path"], lines["a-screen"]["status"])
    assert (SCRIPT_PATH, 200) == (lines["a-file"]["path"], lines["a-file"]["status"])


@pytest.mark.parametrize("root", ["/still", "/a/b"])
def test_below_a_prefix_the_page_says_so(template, key, tmp_path, root):
    built = built_dashboard(tmp_path / "built")
    with Server(tmp_path, template, key, dashboard_dir=built, root_path=root) as server:
        left_on, taken_off = browse(server, f"{root}/jobs/job_1"), browse(server, "/jobs/job_1")
        script = server.client.get(f"{root}{SCRIPT_PATH}")
        unknown = browse(server, f"{root}/v1/nothing")

    assert left_on.content == taken_off.content
    assert re.findall(rb'<base href="([^"]*)"', left_on.content) == [f"{root}/".encode()]
    assert (200, SCRIPT) == (script.status_code, script.content)
    assert (404, "not_found") == (unknown.status_code, unknown.json()["code"])


def test_without_a_build_the_api_answers_and_the_page_says_how_to_build(unbuilt):
    told = browse(unbuilt, "/")

    assert (404, "text/html; charset=utf-8") == (told.status_code, told.headers["Content-Type"])
    assert "./dev setup" in told.text
    assert POLICY == told.headers["Content-Security-Policy"]
    assert 200 == unbuilt.client.get("/v1/jobs").status_code
    assert 404 == unbuilt.client.get("/assets/index.js").status_code
    assert "not_found" == unbuilt.client.get("/").json()["code"]
