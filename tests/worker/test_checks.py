"""What a check does with an upload that the store cannot give back as it came."""

import sys

from stillhouse.domain.uploads import UploadKind
from stillhouse.store.tables.library import CheckState
from tests.support.service import TENANT
from worker.checks import check_next
from worker.station import Station


def test_an_upload_that_is_damaged_in_the_store_is_rejected_and_says_so(service, tmp_path):
    file = tmp_path / "teacher.safetensors"
    file.write_bytes(b"weights")
    upload = service.upload(file, UploadKind.MODEL)
    with service.work() as uow:
        model = uow.models.create(TENANT, upload, name="teacher", declared={})
    service.blobs.path(model.blob_sha256).write_bytes(b"rotten!")
    station = Station.of(service.settings, service.worker().id, ["cpu"], [sys.executable])
    checked = check_next(station)
    station.sessions.kw["bind"].dispose()
    with service.work() as uow:
        found = uow.models.get(TENANT, model.id)

    assert checked
    assert CheckState.REJECTED == found.state
    assert ["blob_corrupted"] == [problem["code"] for problem in found.problems]
    assert "upload the file again" == found.problems[0]["hint"]
    assert not list(station.work.glob("checks/*"))
