"""What an exporter cannot do is one sentence that names the operator, and nothing else is said."""

import warnings

import pytest
import torch
from torch import nn

from kd_core.exports.catalogue import FORMATS
from kd_core.exports.refusal import Unexportable, said_in_a_sentence
from kd_core.exports.student import Student
from kd_core.models.build import Plan

PLAN = Plan("home_made", 2, 8, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), {}, None)


class Bessel(nn.Module):
    """ONNX has no such function."""

    def forward(self, images):
        return torch.special.bessel_j0(images.flatten(1)[:, :2])


class Pool(nn.Module):
    """Nothing in it was learnt."""

    def forward(self, images):
        return images.mean(dim=(2, 3))[:, :2]


class Undecided(nn.Module):
    """Which way it goes depends on what it sees; no graph can hold that."""

    def forward(self, images):
        return images[:, 0, 0, :2] if images.mean() > 0 else images[:, 1, 0, :2]


def refusal(network, format_name, folder):
    with pytest.raises(Unexportable) as caught:
        FORMATS[format_name].rehearse(Student(network, PLAN, ()), folder)
    return caught.value.reason


@pytest.mark.parametrize(
    ("network", "format_name", "reason"),
    [
        (Bessel(), "onnx", "ONNX has nothing for the operator prims.bessel_j0"),
        (Undecided(), "onnx", "Could not guard on data-dependent expression"),
        (Bessel(), "onnx_int8", "ONNX has nothing for the operator prims.bessel_j0"),
        (Pool(), "onnx_int8", "it has no convolution and no product with weights"),
        (Undecided(), "torch_export", "Could not guard on data-dependent expression"),
    ],
)
def test_the_reason_is_a_sentence_and_nothing_else_is_said(
    tmp_path, capfd, network, format_name, reason
):
    found = refusal(network, format_name, tmp_path)

    assert found.startswith(reason)
    assert "\n" not in found
    assert ("", "") == tuple(capfd.readouterr())
    assert [] == list(tmp_path.iterdir())


def test_what_is_wrong_on_our_side_is_not_hidden():
    with pytest.raises(OSError, match="full"), said_in_a_sentence():
        raise OSError(28, "full")


def test_a_warning_inside_is_not_seen_and_logging_is_as_it_was(caplog):
    import logging

    with said_in_a_sentence():
        warnings.warn("of the exporter", stacklevel=1)
        logging.getLogger("torch.onnx").error("of the exporter")
    logging.getLogger("ours").error("afterwards")

    assert ["afterwards"] == [record.message for record in caplog.records]
