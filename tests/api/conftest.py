"""Every test has a service of its own: a migrated database and an empty blob folder."""

import shutil

import pytest
import structlog
from fastapi.testclient import TestClient

from api.main import create_app
from stillhouse.runtime.settings import Settings
from stillhouse.store import create_engine, session_factory
from tests.support.api import Service, new_key
from tests.support.databases import migrated_sqlite
from tests.support.service import TENANT

NOWHERE = "redis://127.0.0.1:1/0"


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


@pytest.fixture(autouse=True)
def logged():
    """What was logged; structlog as it comes would draw every traceback in colours."""
    with structlog.testing.capture_logs() as entries:
        yield entries
