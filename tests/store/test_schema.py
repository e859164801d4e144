"""The migrations make exactly the tables of the code, and can be run from anywhere, by anybody."""

import subprocess
import sys
import threading
from functools import partial

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, text

from stillhouse.domain.job import Desired, State
from stillhouse.store import UnitOfWork, create_engine, is_current, session_factory, upgrade
from stillhouse.store.clock import now
from stillhouse.store.tables import JobRow, Row, TenantRow
from tests.support.service import TENANT


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.db"
        return
    server = request.getfixturevalue("postgres_url")
    engine = create_engine(server).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE empty"))
        yield server.replace("/postgres?", "/empty?")
        connection.execute(text("DROP DATABASE empty WITH (FORCE)"))
    engine.dispose()


def test_a_migrated_database_has_exactly_the_tables_of_the_code(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Row.metadata) == []
        assert {*Row.metadata.tables, "alembic_version"} == {*inspect(connection).get_table_names()}


def test_an_empty_database_is_brought_up_and_a_second_time_nothing_happens(empty_url):
    engine = create_engine(empty_url)

    assert not is_current(engine)
    upgrade(empty_url)
    upgrade(empty_url)
    assert is_current(engine)
    engine.dispose()


def test_a_database_of_an_older_release_is_not_current_until_it_is_brought_up(empty_url):
    engine = create_engine(empty_url)
    upgrade(empty_url, "0001")

    assert not is_current(engine)
    upgrade(empty_url)
    assert is_current(engine)
    engine.dispose()


def test_labels_of_jobs_that_were_there_before_are_found(empty_url):
    upgrade(empty_url, "0006")
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(insert(TenantRow).values(id=TENANT, name=TENANT, created_at=now()))
        for number in range(1001):
            labels = {"ci": str(number), "team.x/y": "é"} if number % 2 else {}
            connection.execute(insert(JobRow).values(**old_job(f"job_{number:04d}", labels)))
    upgrade(empty_url)
    with UnitOfWork(session_factory(engine)) as uow:
        found = uow.jobs.page(TENANT, labels={"team.x/y": "é"}, limit=200)
        one = uow.jobs.page(TENANT, labels={"ci": "999"})

    assert (200, True) == (len(found.items), found.has_more)
    assert ["job_0999"] == [job.id for job in one.items]
    engine.dispose()


def test_models_of_jobs_that_were_there_before_are_found(empty_url):
    upgrade(empty_url, "0009")
    engine = create_engine(empty_url)
    teachers = [{"architecture": "resnet18", "checkpoint": "mdl_1"}, {"checkpoint": "x" * 201}]
    one = {"teacher": None, "teachers": teachers, "student": {"architecture": "vgg8"}}
    other = {"teacher": teachers[0], "student": {"architecture": "resnet18"}}
    with engine.begin() as connection:
        connection.execute(insert(TenantRow).values(id=TENANT, name=TENANT, created_at=now()))
        for number, resolved in enumerate((one, other, {})):
            row = {**old_job(f"job_{number}", {}), "resolved": resolved}
            connection.execute(insert(JobRow).values(**row))
    upgrade(empty_url)
    with UnitOfWork(session_factory(engine)) as uow:
        found = [
            {job.id for job in uow.jobs.page(TENANT, **wanted).items}
            for wanted in ({"teacher": "mdl_1"}, {"student": "vgg8"}, {"student": "resnet18"})
        ]

    assert [{"job_0", "job_1"}, {"job_0"}, {"job_1"}] == found
    engine.dispose()


def old_job(job_id, labels):
    """A row in which nothing is left out that must be there."""
    words = {"project": "default", "name": "old", "fingerprint": "0" * 64, "queue": "any"}
    documents = {"labels": labels, "spec": {}, "resolved": {}, "best": {}, "last": {}}
    numbers = dict.fromkeys(
        ("version", "priority_rank", "queue_ttl_s", "attempt", "deaths"), 1
    ) | dict.fromkeys(("next_event_seq", "next_log_seq", "last_batch"), 1)
    state = {"state": State.SUCCEEDED, "desired_state": Desired.RUNNING, "created_at": now()}
    return {"id": job_id, "tenant_id": TENANT, **words, **documents, **numbers, **state}


def test_two_upgrades_at_once_are_one(empty_url):
    failures = failures_of_two(lambda: upgrade(empty_url))
    engine = create_engine(empty_url)

    assert failures == []
    assert is_current(engine)
    engine.dispose()


def test_two_who_open_a_new_file_at_once_may_both_write(tmp_path):
    def write(url, together):
        engine = create_engine(url)
        together.wait()
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS one (x)")
        finally:
            engine.dispose()

    failures = []
    for attempt in range(20):  # one in four failed
        url, together = f"sqlite:///{tmp_path}/{attempt}.db", threading.Barrier(2)
        failures += failures_of_two(partial(write, url, together))

    assert failures == []


def failures_of_two(work):
    failures = []

    def attempt():
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test wants to see any
            failures.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_every_row_of_a_users_object_names_its_tenant():
    shared = {"tenant", "blob", "outbox", "worker", "lock", "signing_key"}

    for name, table in Row.metadata.tables.items():
        assert (name in shared) != ("tenant_id" in table.columns), name


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_work_is_refused(url):
    with pytest.raises(ValueError, match=r"memory|not supported"):
        create_engine(url)


def test_neither_the_store_nor_a_migration_imports_torch(tmp_path):
    code = (
        "import stillhouse.store, stillhouse.domain, sys\n"
        f"stillhouse.store.upgrade('sqlite:///{tmp_path}/x.db')\n"
        "assert 'torch' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
