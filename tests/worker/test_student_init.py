"""A student begins as another job's student, or as an uploaded model: with the same bits."""

import pytest

from stillhouse.domain.uploads import UploadKind
from tests.support.service import TENANT
from tests.support.small_runs import small_data, small_spec
from worker.station import Station
from worker.supervisor import claim_next

WEIGHTS = "safetensors/model.safetensors"


@pytest.fixture
def trained(service):
    """The weights that a job of one epoch ends in, and the job."""
    told = {"warm_starts": False, "data_roots": (service.folder,)}
    settings = service.settings.model_copy(update=told)
    station = Station.of(settings, service.worker("node").id, ["cpu"])
    small_data(service.folder / "data.npz")

    def train(init):
        given = small_spec(teacher=None)
        given["data"]["dataset"] = f"file:{service.folder / 'data.npz'}"
        given["student"]["init"] = init
        given["recipe"]["epochs"] = 1
        job = service.submit(**given)
        claim_next(station).run()
        assert service.job(job.id).failure is None
        return service.artifact(job.id, WEIGHTS), job.id

    yield train
    station.sessions.kw["bind"].dispose()


def registered(service, path):
    upload = service.upload(path, UploadKind.MODEL)
    declared = {"architecture": "test_efficientnet"}
    with service.work() as uow:
        model = uow.models.create(TENANT, upload, name="start", declared=declared)
    checker = service.worker("checker").id
    with service.work() as uow:
        uow.checks.ready(uow.checks.claim(checker), declared)
    return model.id


def test_wherever_the_weights_come_from_it_begins_as_they_are(service, trained):
    first, job = trained("random")
    path = service.folder / "start.safetensors"
    path.write_bytes(first)
    of_file, _ = trained(f"file:{path}")

    assert first != of_file
    assert of_file == trained(f"job:{job}")[0]
    assert of_file == trained(registered(service, path))[0]
