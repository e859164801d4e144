"""A folder for timm says what its network is; whoever says something else is told so."""

import json

import pytest

from kd_core.errors import ModelInvalid
from kd_core.model_card import Card
from kd_core.spec.models import Teacher

CONFIG = {
    "architecture": "resnet18",
    "num_classes": 3,
    "label_names": ["cat", "dog", "owl"],
    "pretrained_cfg": {
        "input_size": [3, 24, 24],
        "mean": [0.1, 0.2, 0.3],
        "std": [0.5, 0.5, 0.5],
    },
}


def card(**changes):
    return Card.parse(json.dumps(CONFIG | changes).encode(), "/teacher/checkpoint", "config.json")


def teacher(**given):
    return Teacher.model_validate({"checkpoint": "file:folder", **given})


def test_what_the_specification_leaves_out_is_the_folder_s():
    network = card().network(teacher(), "/teacher")

    assert (network.architecture, network.image_size) == ("resnet18", 24)
    assert (network.mean, network.std) == ((0.1, 0.2, 0.3), (0.5, 0.5, 0.5))
    assert card().class_names == ("cat", "dog", "owl")


def test_what_it_says_again_is_fine():
    said = teacher(architecture="resnet18", mean=[0.1, 0.2, 0.30000001], image_size=24)

    assert [] == list(card().problems(said, "/teacher"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("architecture", "resnet34"),
        ("mean", [0.5, 0.2, 0.3]),
        ("std", [0.5, 0.5, 0.4]),
        ("image_size", 32),
        ("class_names", ["dog", "cat", "owl"]),
    ],
)
def test_what_it_contradicts_is_refused_at_its_place(key, value):
    with pytest.raises(ModelInvalid) as refused:
        card().network(teacher(**{key: value}), "/teachers/1")
    problem = refused.value.problems[0]

    assert (problem.code, problem.pointer) == (f"{key}_differs", f"/teachers/1/{key}")
    assert f"leave {key} out" in problem.hint


@pytest.mark.parametrize(
    "names", [None, [], ["cat", "cat", "dog"], ["cat", "dog"], {"0": "cat"}, [1, 2, 3], "cat"]
)
def test_names_that_do_not_tell_the_classes_apart_are_none(names):
    assert card(label_names=names).class_names is None


def test_what_is_not_said_is_not_known():
    found = card(pretrained_cfg=None)

    assert (found.mean, found.std, found.image_size) == (None, None, None)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1]", b"{}", b'{"architecture": "resnt"}', b"\xff", b"[" * 100_000]
    + [
        json.dumps(CONFIG | {"pretrained_cfg": scale}).encode()
        for scale in ({"input_size": []}, {"input_size": ["x"]}, {"std": [0, 1, 1]}, {"mean": 3})
    ],
)
def test_a_config_that_is_none_is_a_sentence(data):
    with pytest.raises(ModelInvalid) as refused:
        Card.parse(data, "/teacher/checkpoint", "folder/config.json")

    problem = refused.value.problems[0]
    assert (problem.code, problem.file) == ("config_unreadable", "folder/config.json")
    assert problem.pointer == "/teacher/checkpoint"


def test_a_folder_without_a_config_is_told_what_it_lacks(tmp_path):
    with pytest.raises(ModelInvalid, match=r"needs a config\.json") as refused:
        Card.read(tmp_path, "/teacher/checkpoint")

    assert "model.safetensors" in refused.value.problems[0].hint


def test_a_config_without_end_is_not_read(tmp_path):
    with (tmp_path / "config.json").open("wb") as file:
        file.truncate(1 << 30)

    with pytest.raises(ModelInvalid, match="larger than"):
        Card.read(tmp_path, "/teacher/checkpoint")
