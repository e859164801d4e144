"""A service for the tests of one process, and a browser for those of one file."""

from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.support.chromium import chromium
from tests.support.dashboard import PATIENCE_MS, Stillhouse, built, sign_in, window
from tests.support.local_service import Home, service

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def stillhouse(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"))
    home.environ["STILLHOUSE_DASHBOARD_DIR"] = str(built())
    with service(home) as up, closing(Stillhouse(up)) as found:
        yield found


@pytest.fixture(scope="session")
def dataset(stillhouse):
    return stillhouse.dataset()


@pytest.fixture(scope="session")
def pair(stillhouse, dataset):
    """Two jobs that went well, one with a gate that it passes and one with a gate that it fails."""
    gate = {"metric": "parameters", "op": "<=", "of": "safetensors"}
    made = [
        stillhouse.submit(dataset, name, gates=[gate | {"value": value}])
        for name, value in {"first of two": 10_000_000, "second of two": 10}.items()
    ]
    return [stillhouse.client.jobs.wait(job.id) for job in made]


@pytest.fixture(scope="module")
def browser():
    # No longer than a file: while it is open, nothing else in this process can run an event loop.
    with chromium() as opened:
        yield opened


@pytest.fixture
def stranger(browser, stillhouse):
    """A window that nobody has signed in to."""
    with window(browser, stillhouse.url) as page:
        yield page


@pytest.fixture
def page(stranger, stillhouse):
    """The jobs, signed in with the key of the service."""
    sign_in(stranger, stillhouse.key)
    return stranger
