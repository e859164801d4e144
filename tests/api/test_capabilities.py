"""What a client can find out before it begins."""

from importlib.metadata import version

from kd_core.losses.catalog import LOSSES


def test_the_service_says_what_it_is_and_can(service):
    told = service.get("/v1/capabilities").json()

    assert version("stillhouse") == told["version"]
    assert {"onnx"} <= set(told["formats"])
    assert [*LOSSES] == told["losses"]
    assert service.services.settings.max_upload_bytes == told["limits"]["upload_bytes"]
    assert {"torch_checkpoints": False, "file_sources": False} == {
        name: told["features"][name] for name in ("torch_checkpoints", "file_sources")
    }
