"""What stands around the weights in a checkpoint is taken off and said, or refused."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import timm
import torch
from hypothesis import given
from hypothesis import strategies as st

from kd_core.errors import ModelInvalid
from kd_core.models import cifar, sandbox
from kd_core.models.convert import DEEPEST, unwrap
from kd_core.models.weights import classes_in, load_strictly, read_weights
from kd_core.models.wrapping import OWNERS, WRAPPERS, bare, opening

POINTER = "/teacher/checkpoint"
WORDS = st.text(alphabet="abcxyz019", min_size=1, max_size=4)
NAMES = st.sets(st.lists(WORDS, min_size=2, max_size=4).map(".".join), min_size=1, max_size=8)
PREFIXES = ("module.", "_orig_mod.", *OWNERS)


def weights(value=0.0):
    return {"conv1.weight": torch.full((2, 2), value), "fc.weight": torch.full((3, 2), value)}


def under(prefix, tensors):
    return {prefix + name: tensor for name, tensor in tensors.items()}


def read(path, allow_torch=True):
    scratch = path.parent / "scratch"
    return read_weights(path, pointer=POINTER, scratch=scratch, allow_torch=allow_torch)


def torch_file(folder, value, **how):
    path = folder / "teacher.pt"
    torch.save(value, path, **how)
    return path


class TestPrefixes:
    @given(NAMES)
    def test_bare_names_stay_as_they_are(self, names):
        found = bare(names)

        assert {name: name for name in names} == found.names
        assert () == found.steps

    @given(NAMES, st.lists(st.sampled_from(PREFIXES), min_size=1, max_size=4))
    def test_any_pile_of_known_prefixes_comes_off(self, names, pile):
        prefix = "".join(pile)
        found = bare(prefix + name for name in names)

        assert {name: prefix + name for name in names} == found.names
        assert found.steps

    @pytest.mark.parametrize(
        ("names", "kept", "said"),
        [
            (
                ["module.fc.weight", "n_averaged"],
                {"fc.weight": "module.fc.weight"},
                ("prefix module. removed, 1 tensor without it left out",),
            ),
            (
                ["module.student.fc.weight", "module.teacher.fc.weight", "module.teacher.fc.bias"],
                {"fc.weight": "module.student.fc.weight"},
                (
                    "prefix module. removed",
                    "prefix student. removed, 2 tensors without it left out",
                ),
            ),
            (
                ["model.fc.weight", "ema_model.fc.weight"],
                {"fc.weight": "ema_model.fc.weight"},
                ("prefix ema_model. removed, 1 tensor without it left out",),
            ),
            (
                ["model._orig_mod.fc.weight"],
                {"fc.weight": "model._orig_mod.fc.weight"},
                ("_orig_mod. removed from 1 names", "prefix model. removed"),
            ),
            (["a._orig_mod.b", "a.b"], {"a._orig_mod.b": "a._orig_mod.b", "a.b": "a.b"}, ()),
            (["module.a", "other.b"], {"module.a": "module.a", "other.b": "other.b"}, ()),
        ],
        ids=["average", "distiller", "lightning", "compiled", "both spellings", "a real module"],
    )
    def test_what_is_taken_off_is_said(self, names, kept, said):
        found = bare(names)

        assert kept == found.names
        assert said == found.steps

    def test_no_network_of_ours_has_a_part_of_such_a_name(self):
        parts = {
            f"{name}."
            for architecture in (*cifar.__all__, "resnet18", "vit_tiny_patch16_224", "volo_d1_224")
            for name, _ in timm.create_model(architecture).named_children()
        }

        assert not parts & {*PREFIXES}


class TestKeys:
    def test_the_first_key_that_is_there_is_opened(self):
        for position, key in enumerate(WRAPPERS):
            later = WRAPPERS[position:]
            state = {name: weights(rank) for rank, name in enumerate(later)}
            found, opened = unwrap(state, WRAPPERS)

            assert found is state[key]
            assert [list(later)] == opened

    def test_an_average_that_was_never_taken_is_passed_over(self):
        for nothing in (None, {}, "resnet50"):
            found, opened = unwrap({"model_ema": nothing, "model": weights()}, WRAPPERS)

            assert found.keys() == weights().keys()
            assert [["model"]] == opened

    def test_wrappers_in_wrappers_are_opened(self):
        found, opened = unwrap({"model": {"state_dict": weights(), "epoch": 3}}, WRAPPERS)

        assert found.keys() == weights().keys()
        assert [["model"], ["state_dict"]] == opened

    def test_a_mapping_that_holds_itself_comes_to_an_end(self):
        endless: dict = {}
        endless["model"] = endless

        assert DEEPEST == len(unwrap(endless, WRAPPERS)[1])

    def test_a_tensor_of_that_name_is_a_tensor(self):
        state = {"model": torch.zeros(2)}

        assert (state, []) == unwrap(state, WRAPPERS)

    def test_the_choice_is_said(self):
        said = opening([["model_ema", "state_dict", "model"], ["net"]])

        assert (
            "read from model_ema, not from state_dict or model beside it",
            "read from net",
        ) == said


class TestTorchFiles:
    def test_the_averaged_weights_are_taken_where_there_are_both(self, tmp_path):
        averaged = {"n_averaged": torch.tensor(5), **under("module.", weights(2.0))}
        state = {"model": weights(1.0), "model_ema": averaged}
        found = read(torch_file(tmp_path, state))

        assert 2.0 == found.tensors["fc.weight"][0, 0]
        assert found.unwrapping == (
            "read from model_ema, not from model beside it; "
            "prefix module. removed, 1 tensor without it left out"
        )

    @pytest.mark.parametrize("new_format", [True, False])
    def test_what_lies_beside_the_weights_is_not_loaded(self, tmp_path, new_format):
        network = torch.nn.Linear(2, 3)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
        network(torch.zeros(1, 2)).sum().backward()
        optimizer.step()
        # The learning rate that mdistiller's schedule leaves behind is a number of NumPy's.
        optimizer.param_groups[0]["lr"] = np.float64(0.05) * np.float64(0.1) ** np.sum(
            np.array([1])
        )
        beside = {
            "epoch": 240,
            "best_acc": torch.tensor([79.4]),
            "optimizer": optimizer.state_dict(),
            "args": argparse.Namespace(arch="resnet8x4", data=Path("data"), betas=(0.9, 0.999)),
            "rng": np.random.default_rng(0).integers(0, 9, 5),
            "loss": np.float32(1.5),
        }
        state = {"model": network.state_dict(), **beside}
        found = read(torch_file(tmp_path, state, _use_new_zipfile_serialization=new_format))

        assert {"weight", "bias"} == found.tensors.keys()
        assert torch.equal(network.weight.detach(), found.tensors["weight"])

    def test_a_lightning_checkpoint_is_read_without_its_metrics(self, tmp_path):
        state = {
            "epoch": 1,
            "pytorch-lightning_version": "2.5.0",
            "state_dict": {**under("model.", weights(1.0)), "criterion.weight": torch.ones(3)},
            "loops": {"fit_loop": {"state_dict": {}}},
            "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_path": ""}},
            "hyper_parameters": {"lr": 0.1},
        }
        found = read(torch_file(tmp_path, state))

        assert weights().keys() == found.tensors.keys()
        assert "read from state_dict; prefix model. removed, 1 tensor" in found.unwrapping

    def test_any_other_object_beside_the_weights_is_refused_with_the_way_out(self, tmp_path):
        path = torch_file(tmp_path, {"model": weights(), "criterion": torch.nn.MSELoss()})
        with pytest.raises(ModelInvalid) as caught:
            read(path)
        (problem,) = caught.value.problems

        assert "checkpoint_is_code" == problem.code
        assert "MSELoss" in problem.message
        assert "save the weights alone" in problem.hint

    def test_a_bystander_in_the_place_of_a_tensor_is_refused(self, tmp_path):
        path = torch_file(tmp_path, {"model": {"weight": argparse.Namespace(a=1)}})

        with pytest.raises(ModelInvalid, match="not a bare state dict"):
            read(path)

    def test_a_bystander_runs_nothing_that_it_was_made_from(self, tmp_path):
        made = tmp_path / "made"

        class Spy:
            def __reduce__(self):
                return (argparse.Namespace, (), {"call": Calls(made)})

        path = torch_file(tmp_path, {"model": weights(), "args": Spy()})
        with pytest.raises(ModelInvalid, match=r"asks to run pathlib\.Path\.touch|it is code"):
            read(path)

        assert not made.exists()


class Calls:
    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


class TestSafetensors:
    @pytest.mark.parametrize("prefix", PREFIXES)
    def test_prefixes_come_off_there_too(self, tmp_path, prefix):
        path = tmp_path / "model.safetensors"
        safetensors.torch.save_file(under(prefix, weights()), path)

        found = read(path, allow_torch=False)

        assert weights().keys() == found.tensors.keys()
        assert prefix in found.unwrapping
        assert 3 == classes_in(found, "fc")

    def test_bare_weights_say_nothing(self, tmp_path):
        path = tmp_path / "model.safetensors"
        safetensors.torch.save_file(weights(), path)

        assert "" == read(path).unwrapping


class TestWhatTheProgramSays:
    def test_a_key_that_is_none_of_ours_is_not_repeated(self):
        said = (
            b'{"outcome": "done", "detail": "", "opened": [["\\u001b[2J", "model"], ["x"], "net"]}'
        )
        answer = sandbox._read(said, 0)

        assert (("model",), ("net",)) == answer.opened

    def test_nonsense_in_its_place_is_a_crash(self):
        assert (
            "crash" == sandbox._read(b'{"outcome": "done", "detail": "", "opened": [1]}', 0).outcome
        )


class TestLoading:
    def test_mdistiller_s_own_file_fills_the_network(self, tmp_path):
        torch.manual_seed(0)
        theirs = timm.create_model("vgg8", num_classes=5)
        path = torch_file(tmp_path, {"model": theirs.state_dict(), "epoch": 240})
        ours = timm.create_model("vgg8", num_classes=5)
        load_strictly(ours, read(path), architecture="vgg8", pointer=POINTER, file="teacher.pt")

        for name, tensor in theirs.state_dict().items():
            assert torch.equal(tensor, ours.state_dict()[name])

    def test_a_misfit_says_what_was_opened(self, tmp_path):
        path = torch_file(tmp_path, {"model": under("module.", weights())})
        network = timm.create_model("vgg8")
        with pytest.raises(ModelInvalid) as caught:
            load_strictly(
                network, read(path), architecture="vgg8", pointer=POINTER, file="teacher.pt"
            )

        hint = caught.value.problems[0].hint
        assert hint.endswith("; the weights were read from model; prefix module. removed")
