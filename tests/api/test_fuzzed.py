"""schemathesis against the real server, as a user whose neighbour looks on: nothing to find."""

import shutil
import sys

import pytest

from stillhouse.domain.keys import Scope
from stillhouse.runtime.settings import Settings
from stillhouse.store import create_engine, session_factory
from tests.support.api import OTHER, new_key
from tests.support.api_server import Server
from tests.support.databases import emptied
from tests.support.documents import operations_of
from tests.support.fuzzing.campaign import campaign
from tests.support.fuzzing.seeds import sown
from tests.support.service import TENANT
from tests.support.valkey import Valkey

MOST_BYTES = "1000000000"
"""A disk has room for these: 507 would be taken for a defect."""


def fuzzed(books, folder, *words):
    """The outcome, and every operation that there is."""
    engine = create_engine(books)
    emptied(engine)
    sessions = session_factory(engine)
    keys = {"ours": new_key(sessions, TENANT, Scope), "theirs": new_key(sessions, OTHER, Scope)}
    engine.dispose()
    with (
        Valkey() as broker,
        Server(
            folder, None, keys["ours"], books, broker.url, max_upload_bytes=MOST_BYTES
        ) as server,
    ):
        settings = Settings(data_dir=folder, database_url=books, broker_url=broker.url)
        outcome = campaign(server.url, keys, sown(settings, keys["ours"]), folder, *words)
        document = server.client.get("/openapi.json").json()
    return outcome, {label for label, _ in operations_of(document)}


def check(outcome, operations, capsys, cases):
    with capsys.disabled():
        sys.stdout.write(f"\n{outcome.cases} cases of {len(operations)} operations\n")

    assert outcome.code == 0, outcome.said
    assert outcome.cases >= cases
    # Whatever is refused each time has not been tried at all.
    assert operations == outcome.succeeded & operations


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_short_look_at_every_operation_finds_nothing(template, tmp_path, capsys):
    shutil.copy(template, tmp_path / "stillhouse.db")
    books = f"sqlite:///{tmp_path / 'stillhouse.db'}"
    words = ("--phases", "examples,fuzzing,stateful", "--max-examples", 3)

    check(*fuzzed(books, tmp_path, *words), capsys, cases=200)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_long_look_finds_nothing(books, tmp_path, capsys):
    check(*fuzzed(books, tmp_path, "--max-examples", 20), capsys, cases=2000)
