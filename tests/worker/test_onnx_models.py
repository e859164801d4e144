"""An uploaded ONNX graph is looked at by a worker, and then teaches as one in a file does."""

import onnx
import pytest

from stillhouse.domain.job import State
from stillhouse.domain.uploads import UploadKind
from stillhouse.store.tables.library import CheckState
from tests.support import onnx_graphs
from tests.support.service import TENANT
from tests.support.small_runs import small_data, small_spec
from worker.checks import check_next
from worker.station import Station
from worker.supervisor import claim_next

SCALE = {"mean": [0.5] * 3, "std": [0.25] * 3, "force": True}


@pytest.fixture
def station(service):
    settings = service.settings.model_copy(
        update={"warm_starts": False, "data_roots": (service.folder,)}
    )
    made = Station.of(settings, service.worker("node").id, ["cpu"])
    yield made
    made.sessions.kw["bind"].dispose()


def checked(service, station, path):
    upload = service.upload(path, UploadKind.MODEL)
    with service.work() as uow:
        model = uow.models.create(TENANT, upload, name="graph", declared={})
    check_next(station)
    with service.work() as uow:
        return uow.models.get(TENANT, model.id)


def taught_by(service, station, checkpoint):
    data = {"dataset": f"file:{service.folder / 'data.npz'}", "image_size": 16}
    given = small_spec(teacher={"checkpoint": checkpoint, **SCALE}, loss="kd", data=data)
    job = service.submit(**given)
    claim_next(station).run()
    assert service.job(job.id).failure is None
    assert State.SUCCEEDED is service.state(job.id)
    return service.artifact(job.id, "safetensors/model.safetensors")


def test_it_teaches_what_the_same_graph_in_a_file_teaches(service, station):
    small_data(service.folder / "data.npz")
    path = onnx_graphs.save(service.folder / "teacher.onnx")
    model = checked(service, station, path)

    assert (CheckState.READY, 2) == (model.state, model.facts["classes"])
    assert (20, "tests") == (model.facts["opset"], model.facts["producer"])
    of_file = taught_by(service, station, f"file:{path}")
    assert of_file == taught_by(service, station, model.id)


def test_one_that_cannot_teach_is_rejected_with_the_reason(service, station):
    onnx.save(onnx_graphs.model(**onnx_graphs.then("Softmax")), service.folder / "a.onnx")
    model = checked(service, station, service.folder / "a.onnx")
    (problem,) = model.problems

    assert CheckState.REJECTED is model.state
    assert ("onnx_probabilities", "a.onnx") == (problem["code"], problem["file"])
