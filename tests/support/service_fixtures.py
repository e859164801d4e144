"""Fixtures of a service: real books, a real broker and real processes, one set for each test."""

import pytest

from tests.support.service_processes import Service, migrated_template
from tests.support.valkey import Valkey


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return migrated_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def broker():
    with Valkey() as valkey:
        yield valkey


@pytest.fixture
def service(tmp_path, broker, template):
    with Service(tmp_path, broker, template) as running:
        yield running
