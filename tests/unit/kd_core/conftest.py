"""What is dear to make and only looked at."""

from __future__ import annotations

import pytest

from tests.support.small_runs import small_data, small_spec


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """A run that ships every format; its folder and its report."""
    import kd_core

    folder = tmp_path_factory.mktemp("shipped")
    data = f"file:{small_data(folder / 'data.npz')}"
    exports = [
        {"format": "onnx", "required": True},
        {"format": "onnx_int8", "required": True},
        {"format": "torch_export"},
    ]
    spec = small_spec(exports=exports, data={"dataset": data, "image_size": 16})
    return folder / "out", kd_core.distill(spec, folder / "out")
