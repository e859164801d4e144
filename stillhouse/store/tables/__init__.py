"""Every table, one class a table; a row is read here and changed by its repository."""

from stillhouse.store.tables.jobs import (
    ArtifactRow,
    AttemptRow,
    EventRow,
    JobInputRow,
    JobLabelRow,
    JobModelRow,
    JobRow,
    LogRow,
    MetricRow,
)
from stillhouse.store.tables.library import (
    BlobRow,
    DatasetRow,
    DatasetVersionRow,
    ModelRow,
    UploadPartRow,
    UploadRow,
)
from stillhouse.store.tables.machinery import LockRow, OutboxRow, WorkerRow
from stillhouse.store.tables.recordings import RecordingRow
from stillhouse.store.tables.row import Row
from stillhouse.store.tables.tenancy import (
    ApiKeyRow,
    IdempotencyRow,
    SignInCodeRow,
    SigningKeyRow,
    TenantRow,
)

__all__ = [
    "ApiKeyRow",
    "ArtifactRow",
    "AttemptRow",
    "BlobRow",
    "DatasetRow",
    "DatasetVersionRow",
    "EventRow",
    "IdempotencyRow",
    "JobInputRow",
    "JobLabelRow",
    "JobModelRow",
    "JobRow",
    "LockRow",
    "LogRow",
    "MetricRow",
    "ModelRow",
    "OutboxRow",
    "RecordingRow",
    "Row",
    "SignInCodeRow",
    "SigningKeyRow",
    "TenantRow",
    "UploadPartRow",
    "UploadRow",
    "WorkerRow",
]
