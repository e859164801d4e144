"""The books: every row and every blob. All SQL and all writing of files is in this room.

engine = create_engine("sqlite:////data/stillhouse.db")
sessions = session_factory(engine)
with UnitOfWork(sessions) as uow:
    job = uow.jobs.create(tenant_id, spec, sent)
# Committed here, or an exception was raised. Ring the bell now.
"""

from sqlalchemy.exc import SQLAlchemyError as DatabaseError

from stillhouse.store.blobs import BlobStore, BlobWriter, DirectoryBlobs, StoredBlob
from stillhouse.store.engine import Sessions, create_engine, session_factory
from stillhouse.store.glance import Glances
from stillhouse.store.migrate import is_current, upgrade
from stillhouse.store.unit_of_work import ReadOnly, UnitOfWork

__all__ = [
    "BlobStore",
    "BlobWriter",
    "DatabaseError",
    "DirectoryBlobs",
    "Glances",
    "ReadOnly",
    "Sessions",
    "StoredBlob",
    "UnitOfWork",
    "create_engine",
    "is_current",
    "session_factory",
    "upgrade",
]
