"""Projects in the books: one sees nothing of another, and a tenant sees them all."""

import hashlib

import pytest
from sqlalchemy import event, text

from stillhouse.domain.errors import NotFound
from stillhouse.domain.keys import Scope
from stillhouse.domain.pages import Order
from stillhouse.domain.realm import Realm
from stillhouse.store import UnitOfWork, create_engine, session_factory, upgrade
from tests.support.databases import sqlite_engine
from tests.support.service import TENANT, job_spec

VISION, SPEECH = Realm(TENANT, "vision"), Realm(TENANT, "speech")
BLOB = hashlib.sha256(b"answers").hexdigest()
KEY, HINT = "1" * 64, "2" * 64
BEFORE = (
    "INSERT INTO tenant VALUES ('default', 'default', :at)",
    "INSERT INTO blob VALUES (:blob, 7, :at, :at)",
    "INSERT INTO dataset VALUES ('ds_1', 'default', 'shelf', 1, 1, :at)",
    (
        "INSERT INTO recording (tenant_id, key, hint, job_id, blob_sha256, size_bytes, created_at, "
        "last_used_at) VALUES ('default', :key, 'hint', 'job_1', :blob, 7, :at, :at)"
    ),
)


def keep(world, realm, job="job_1"):
    blob = world.blob(b"answers")
    kept = {"hint": HINT, "job_id": job, "blob_sha256": blob, "size_bytes": 7}
    with world.work() as uow:
        uow.recordings.keep(realm, KEY, **kept)


def recorders(world, realm):
    with world.work() as uow:
        return [row.job_id for row in uow.recordings.use(realm, HINT)]


def test_the_same_recording_is_kept_once_in_each_project(world):
    for realm, job in ((VISION, "job_1"), (SPEECH, "job_2"), (VISION, "job_3")):
        keep(world, realm, job)

    assert (recorders(world, VISION), recorders(world, SPEECH)) == (["job_3"], ["job_2"])
    with world.work() as uow:
        uow.recordings.forget(VISION, KEY, BLOB)
    assert (recorders(world, VISION), recorders(world, SPEECH)) == ([], ["job_2"])


def test_recordings_of_all_projects_count_against_what_a_tenant_may_keep(world):
    keep(world, VISION)
    keep(world, SPEECH)
    with world.work() as uow:
        assert uow.recordings.evict(10) == 1
    assert len(recorders(world, VISION) + recorders(world, SPEECH)) == 1


@pytest.mark.parametrize("by", ["created_at", "name", "priority"])
def test_pages_of_a_project_have_its_jobs_alone(world, by):
    jobs = [world.submit(project=name).id for name in ("vision", "speech") * 3]
    with world.work() as uow:
        first = uow.jobs.page(VISION, limit=2, order=Order(by, descending=True))
        rest = uow.jobs.page(VISION, limit=2, order=Order(by, descending=True), cursor=first.next)
        tenant = uow.jobs.page(TENANT)

    assert [job.id for job in (*first.items, *rest.items)] == jobs[::2][::-1]
    assert len(tenant.items) == len(jobs)


@pytest.fixture
def plans(sqlite_template, tmp_path):
    """How SQLite goes about each question of whatever is then asked."""
    with sqlite_engine(sqlite_template, tmp_path / "plans.db") as engine:

        def asked(question):
            told = []

            def explain(_connection, cursor, statement, parameters, *_):
                if statement.startswith("SELECT job."):
                    cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                    told.extend(row[3] for row in cursor.fetchall())

            event.listen(engine, "before_cursor_execute", explain)
            with UnitOfWork(session_factory(engine)) as uow:
                question(uow)
            event.remove(engine, "before_cursor_execute", explain)
            return " ".join(told)

        yield asked


@pytest.mark.parametrize("whose", [TENANT, VISION], ids=["tenant", "project"])
@pytest.mark.parametrize("by", ["created_at", "name", "priority"])
def test_a_page_is_read_in_the_order_of_an_index(plans, whose, by):
    order = Order(by, descending=True)
    plan = plans(lambda uow: uow.jobs.page(whose, order=order))

    assert f"USING INDEX ix_job_tenant_id_{'project_' if whose is VISION else ''}{by}" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("whose", [TENANT, VISION], ids=["tenant", "project"])
@pytest.mark.parametrize("wanted", [{"verdict": "failed"}, {"teacher": "a"}, {"student": "b"}])
def test_a_page_of_few_jobs_is_a_range_of_an_index(plans, whose, wanted):
    plan = plans(lambda uow: uow.jobs.page(whose, **wanted))

    assert "verdict=?" in plan or "ix_job_model_tenant_id_role_name" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("whose", [TENANT, VISION], ids=["tenant", "project"])
def test_a_duplicate_is_looked_up_by_its_fingerprint(plans, whose):
    plan = plans(lambda uow: uow.jobs.duplicate_of(whose, job_spec()))

    assert "fingerprint=?" in plan


def test_a_key_is_seen_by_its_project_and_by_its_tenant(world):
    with world.work() as uow:
        mine, token = uow.keys.create(VISION, "ci", [Scope.ADMIN])
        whole, _ = uow.keys.create(TENANT, "all", [Scope.ADMIN])
        assert uow.keys.authenticate(token).realm == VISION
        assert [key.id for key in uow.keys.page(VISION).items] == [mine.id]
        assert {key.id for key in uow.keys.page(TENANT).items} == {mine.id, whole.id}
        for realm, key in ((SPEECH, mine), (VISION, whole), ("other", mine)):
            with pytest.raises(NotFound):
                uow.keys.revoke(realm, key.id)


def test_what_was_there_before_projects_is_in_the_default_one(tmp_path):
    url = f"sqlite:///{tmp_path}/old.db"
    upgrade(url, "0006")
    engine = create_engine(url)
    with engine.begin() as connection:
        for row in BEFORE:
            connection.execute(text(row), {"blob": BLOB, "key": KEY, "at": "2026-01-01"})
    upgrade(url)
    with engine.begin() as connection:
        found = [
            connection.execute(text(f"SELECT project FROM {table}")).all()  # noqa: S608
            for table in ("recording", "dataset")
        ]
    engine.dispose()

    assert found == [[("default",)], [("default",)]]
