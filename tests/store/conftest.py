"""Every test of this room runs on SQLite and on PostgreSQL."""

import pytest

from stillhouse.store import create_engine, session_factory, upgrade
from tests.support.databases import emptied, migrated_sqlite, sqlite_engine
from tests.support.postgres import postgres
from tests.support.service import World


@pytest.fixture(scope="session")
def postgres_url():
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_engine(postgres_url):
    upgrade(postgres_url)
    engine = create_engine(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    return migrated_sqlite(tmp_path_factory.mktemp("template") / "store.db")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        with sqlite_engine(template, tmp_path / "store.db") as fresh:
            yield fresh
    else:
        shared = request.getfixturevalue("postgres_engine")
        yield shared
        emptied(shared)


@pytest.fixture
def sessions(engine):
    return session_factory(engine)


@pytest.fixture
def world(sessions):
    return World(sessions)
