"""Behind a real nginx that has the configuration we tell people to use."""

import os
import signal
import threading
import time
from contextlib import ExitStack

import httpx2
import pytest

from stillhouse.client import StillhouseClient
from stillhouse.domain.events import EventType, NewEvent
from stillhouse.domain.uploads import UploadKind
from stillhouse.store import DirectoryBlobs, create_engine, session_factory
from stillhouse.store.artifacts import MODEL
from tests.support.api import MIB, sha256
from tests.support.api_server import Server
from tests.support.built_dashboard import BROTLI, built_dashboard
from tests.support.nginx import nginx
from tests.support.service import World

STEPS = 60
RESTART_AT = 20
WITHIN_S = 60
PREFIX = "/stillhouse"
SPEC = {"student": {"architecture": "resnet10t"}, "data": {"dataset": "digits"}, "loss": "ce"}


@pytest.fixture
def server(template, key, tmp_path):
    with Server(tmp_path, template, key) as running:
        yield running


@pytest.fixture
def proxy(server):
    with nginx("stillhouse.conf", server.port) as url:
        yield url


@pytest.fixture
def world(server):
    engine = create_engine(f"sqlite:///{server.database}")
    yield World(session_factory(engine))
    engine.dispose()


class Watcher(threading.Thread):
    """Hears a job to its end, and asks again whenever it was cut off; `heard` is every `seq`."""

    def __init__(self, url, key, job_id):
        super().__init__(daemon=True)
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx2.Client(base_url=url, headers=headers, timeout=70, trust_env=False)
        self.path = f"/v1/jobs/{job_id}/events"
        self.heard, self.breaks, self.over = [], 0, False

    def run(self):
        deadline = time.monotonic() + WITHIN_S
        with self.client:
            while not self.over and time.monotonic() < deadline:
                try:
                    self.listen()
                except (httpx2.TransportError, httpx2.HTTPStatusError):
                    time.sleep(0.05)
                self.breaks += not self.over

    def wait_for(self, count):
        deadline = time.monotonic() + WITHIN_S
        while len(self.heard) < count:
            assert self.is_alive(), "it gave up"
            assert time.monotonic() < deadline
            time.sleep(0.01)


class Streamed(Watcher):
    def listen(self):
        headers = {"Accept": "text/event-stream"}
        if self.heard:
            headers["Last-Event-ID"] = str(self.heard[-1])
        with self.client.stream("GET", self.path, headers=headers) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    self.heard.append(int(line.removeprefix("id: ")))
                self.over |= line == "event: end"


class Polled(Watcher):
    def listen(self):
        after = self.heard[-1] if self.heard else 0
        headers = {"Prefer": "wait=30"}
        asked = f"{self.path}?after_seq={after}&limit=7"
        answer = self.client.get(asked, headers=headers).raise_for_status()
        found = answer.json()["data"]
        self.heard += [event["seq"] for event in found]
        self.over = any(event["type"] == "job.succeeded" for event in found)


def said(world, token, step):
    data = {"phase": "training", "step": step, "total_steps": STEPS}
    with world.work() as uow:
        uow.attempts.report(token, step, events=[NewEvent(EventType.PROGRESS, data)])


def test_every_event_comes_once_and_in_order_across_a_restart(server, proxy, world):
    """To who reads a stream and to who asks patiently, while a worker goes on all the time."""
    token = world.running()
    watchers = [Streamed(proxy, server.key, token.job_id), Polled(proxy, server.key, token.job_id)]
    for watcher in watchers:
        watcher.start()
    for step in range(1, STEPS + 1):
        said(world, token, step)
        if step == RESTART_AT:
            for watcher in watchers:
                watcher.wait_for(step)
            server.process.send_signal(signal.SIGTERM)
        if step == RESTART_AT + 10:
            assert server.process.wait(20) in {0, -signal.SIGTERM}
            server.start()
    with world.work() as uow:
        uow.attempts.succeed(token, "not_evaluated")
    for watcher in watchers:
        watcher.join(WITHIN_S)

    every = [seq for seq, _ in world.event_log(token.job_id)]
    assert [*range(1, len(every) + 1)] == every
    assert [every, every] == [watcher.heard for watcher in watchers]
    assert all(watcher.breaks for watcher in watchers)  # or nothing was restarted under them


def test_an_event_arrives_when_it_happens_though_everything_is_compressed(server, proxy, world):
    token = world.running()
    watcher = Streamed(proxy, server.key, token.job_id)
    watcher.client.headers["Accept-Encoding"] = "gzip"
    watcher.start()
    for step in (1, 2, 3):
        said(world, token, step)
        watcher.wait_for(len(world.event_log(token.job_id)))

    assert not watcher.over
    with world.work() as uow:
        uow.attempts.succeed(token, "not_evaluated")
    watcher.join(WITHIN_S)
    assert watcher.over


def test_a_large_upload_goes_through_and_is_refused_before_it_is_sent(server, proxy):
    content = os.urandom(24 * MIB)  # more than nginx takes by itself, and than it keeps in memory
    path = server.blobs.parent / "teacher.safetensors"
    path.write_bytes(content)
    with StillhouseClient(proxy, server.key) as client:
        upload = client.uploads.send(path, UploadKind.MODEL)
    server.port = int(proxy.rpartition(":")[2])  # by the way that everybody takes
    with server.raw("POST", "/v1/uploads", 1 << 40) as connection:
        answer = connection.recv(65536)

    assert ("complete", sha256(content)) == (upload.state, upload.sha256)
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_download_goes_on_where_it_broke_off_and_is_the_same_bytes(server, proxy, world):
    weights = b"weights " * MIB
    job = world.succeeded(DirectoryBlobs(server.blobs), {MODEL: weights})
    headers = {"Authorization": f"Bearer {server.key}", "Accept-Encoding": "gzip"}
    with httpx2.Client(base_url=proxy, headers=headers, trust_env=False) as client:
        (artifact,) = client.get(f"/v1/jobs/{job}/artifacts").json()["data"]
        path = artifact["links"]["content"]
        whole = client.get(path)
        again = {"Range": "bytes=100-199", "If-Range": whole.headers["ETag"]}
        part = client.get(path, headers=again)
        unchanged = client.get(path, headers={"If-None-Match": whole.headers["ETag"]})

    assert whole.content == weights
    assert f'"sha256-{sha256(weights)}"' == whole.headers["ETag"]
    assert ("bytes", str(len(weights))) == (
        whole.headers["Accept-Ranges"],
        whole.headers["Content-Length"],
    )
    assert (206, weights[100:200]) == (part.status_code, part.content)
    assert f"bytes 100-199/{len(weights)}" == part.headers["Content-Range"]
    assert 304 == unchanged.status_code


@pytest.fixture
def prefixed(template, key, tmp_path):
    """A service under a prefix: what nginx is asked for, and the server behind it."""
    built = built_dashboard(tmp_path / "built")
    settings = {"root_path": PREFIX, "trusted_proxies": "127.0.0.1", "dashboard_dir": built}
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path, template, key, **settings))
        url = stack.enter_context(nginx("under-a-prefix.conf", server.port))
        headers = {"Authorization": f"Bearer {key}"}
        yield stack.enter_context(httpx2.Client(base_url=url, headers=headers, trust_env=False))


def test_under_a_prefix_every_link_leads_to_where_it_should(prefixed):
    created = [
        prefixed.post(f"{PREFIX}/v1/jobs", json={**SPEC, "name": name}) for name in ("one", "two")
    ]
    first = prefixed.get(f"{PREFIX}/v1/jobs?limit=1")
    following = first.headers["Link"].partition(";")[0].strip("<>")
    job = created[0].json()

    assert [202, 202] == [answer.status_code for answer in created]
    for answer in created:
        assert answer.headers["Location"] == f"{PREFIX}/v1/jobs/{answer.json()['id']}"
        assert 200 == prefixed.get(answer.headers["Location"]).status_code
    assert [job["id"]] == [one["id"] for one in prefixed.get(following).json()["data"]]
    answers = {view: prefixed.get(link).status_code for view, link in job["links"].items()}
    assert {**dict.fromkeys(answers, 200), "bundle": 409} == answers


def test_under_a_prefix_the_dashboard_finds_its_files(prefixed):
    asked = {"Accept": "text/html", "Accept-Encoding": "gzip, br"}
    page = prefixed.get(f"{PREFIX}/jobs/job_1?tab=curves", headers=asked)
    base = page.text.partition('<base href="')[2].partition('"')[0]
    script = page.text.partition('src="./')[2].partition('"')[0]
    with prefixed.stream("GET", f"{base}{script}", headers=asked) as answer:
        sent = b"".join(answer.iter_raw())

    assert (200, f"{PREFIX}/") == (page.status_code, base)
    assert (200, "br", BROTLI) == (answer.status_code, answer.headers["Content-Encoding"], sent)


def test_under_a_prefix_the_document_names_it(prefixed):
    servers = prefixed.get(f"{PREFIX}/openapi.json").json()["servers"]

    assert [{"url": PREFIX}] == servers


def test_under_a_prefix_the_client_finds_everything(prefixed, key):
    with StillhouseClient(f"{str(prefixed.base_url).rstrip('/')}{PREFIX}", key) as client:
        job = client.jobs.create({**SPEC, "name": "three"})

        assert "queued" == client.jobs.get(job.id).state
        assert [job.id] == [one.id for one in client.jobs.list()]
