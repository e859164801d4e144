"""Every test has a service of its own: a migrated database and an empty blob folder."""

import shutil

import pytest
import structlog
from fastapi.testclient import TestClient

from api.main import create_app
from stillhouse.runtime.settings import Settings
from stillhouse.store import create_engine, session_factory, upgrade
from tests.support.api import Service, new_key
from tests.support.api_server import NOWHERE, Server
from tests.support.databases import emptied, migrated_sqlite
from tests.support.postgres import postgres
from tests.support.service import TENANT, World


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return migrated_sqlite(tmp_path_factory.mktemp("template") / "stillhouse.db")


@pytest.fixture(scope="session")
def key(template):
    """Of the first tenant, in the template and so in every database of a test."""
    engine = create_engine(f"sqlite:///{template}")
    try:
        return new_key(session_factory(engine), TENANT)
    finally:
        engine.dispose()


@pytest.fixture
def settings(template, key, tmp_path):  # noqa: ARG001 - the key is in the template
    shutil.copy(template, tmp_path / "stillhouse.db")
    return Settings(data_dir=tmp_path, broker_url=NOWHERE)


@pytest.fixture
def service(settings, key):
    app = create_app(settings)
    with TestClient(app) as client:
        yield Service(app, client, key)


@pytest.fixture
def unchanged(service):
    """Whatever the test does, rows and blobs are afterwards what they were before."""
    before = service.everything()
    yield
    assert before == service.everything()


@pytest.fixture(scope="session")
def postgres_url():
    with postgres() as url:
        upgrade(url)
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request, template, tmp_path):
    """The address of books that a test and the processes of a service share."""
    if request.param == "sqlite":
        shutil.copy(template, tmp_path / "stillhouse.db")
        return f"sqlite:///{tmp_path / 'stillhouse.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def world(books):
    engine = create_engine(books)
    emptied(engine)
    yield World(session_factory(engine))
    engine.dispose()


@pytest.fixture
def api_process(books, world, tmp_path):
    """The real server, on SQLite and on PostgreSQL."""
    with Server(tmp_path, None, new_key(world.sessions, TENANT), books) as running:
        yield running


@pytest.fixture(autouse=True)
def logged():
    """What was logged; structlog as it comes would draw every traceback in colours."""
    with structlog.testing.capture_logs() as entries:
        yield entries
