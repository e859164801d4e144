"""Reading weights and filling a network: what is refused, and in which words."""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zipfile

import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from kd_core.errors import ModelInvalid
from kd_core.models import weights as weights_module
from kd_core.models.weights import Weights, classes_in, load_strictly, read_weights

POINTER = "/teacher/checkpoint"


def network(classes: int = 10, width: int = 4) -> nn.Module:
    return nn.Sequential(
        *[nn.Linear(width, width), nn.BatchNorm1d(width), nn.Linear(width, classes)]
    )


def state(**changes) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network(**changes).state_dict().items()}


def saved(folder, tensors, name="model.safetensors"):
    path = folder / name
    safetensors.torch.save_file(tensors, path)
    return path


def written(folder, data, name="model.safetensors"):
    path = folder / name
    path.write_bytes(data)
    return path


def read(path, **changes) -> Weights:
    return read_weights(path, pointer=POINTER, scratch=path.parent / "scratch", **changes)


def refusal(path, **changes):
    with pytest.raises(ModelInvalid) as caught:
        read(path, **changes)
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.file) == (POINTER, str(path))
    assert problem.hint
    return problem


def header(tensors: dict) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text


def load(tensors, model=None, classifier="2"):
    load_strictly(
        model or network(),
        Weights(tensors, "0" * 64),
        architecture="tiny",
        pointer=POINTER,
        file="teacher.safetensors",
        classifier=classifier,
    )


def misfit(tensors, **changes):
    with pytest.raises(ModelInvalid) as caught:
        load(tensors, **changes)
    places = {(problem.pointer, problem.file) for problem in caught.value.problems}
    assert places == {(POINTER, "teacher.safetensors")}
    assert caught.value.problems[0].hint
    return caught.value.problems


class TestReading:
    def test_every_tensor_comes_back_with_the_hash_of_the_file(self, tmp_path):
        tensors = {**state(), "half": torch.ones(2, dtype=torch.bfloat16), "none": torch.zeros(0)}
        path = saved(tmp_path, tensors)

        weights = read(path)

        assert weights.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert weights.tensors.keys() == tensors.keys()
        for name, tensor in tensors.items():
            torch.testing.assert_close(weights.tensors[name], tensor, rtol=0, atol=0)

    def test_the_name_of_the_file_decides_nothing(self, tmp_path):
        assert "2.weight" in read(saved(tmp_path, state(), "teacher.pt")).tensors

    def test_what_is_read_does_not_follow_the_file_any_more(self, tmp_path):
        path = saved(tmp_path, {"a": torch.ones(3)})
        weights = read(path)
        path.write_bytes(bytes(path.stat().st_size))

        assert weights.tensors["a"].tolist() == [1, 1, 1]

    def test_a_missing_file_is_refused(self, tmp_path):
        problem = refusal(tmp_path / "absent.safetensors")

        assert "cannot be read: No such file" in problem.message

    def test_a_path_that_no_system_has_is_refused(self, tmp_path):
        assert refusal(tmp_path / "a\0b").code == "checkpoint_unreadable"

    def test_a_folder_is_refused(self, tmp_path):
        (tmp_path / "model").mkdir()

        assert "is a folder" in refusal(tmp_path / "model").message

    def test_a_named_pipe_is_refused_without_waiting_for_a_writer(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")

        assert "not a regular file" in refusal(tmp_path / "pipe").message

    def test_an_empty_file_is_refused(self, tmp_path):
        assert refusal(written(tmp_path, b"")).code == "checkpoint_empty"

    def test_a_file_without_tensors_is_refused(self, tmp_path):
        problem = refusal(saved(tmp_path, {}))

        assert (problem.code, problem.message) == (
            "checkpoint_empty",
            "the checkpoint holds no tensors",
        )

    def test_what_is_not_weights_is_named(self, tmp_path):
        problem = refusal(written(tmp_path, b"<html><body>404</body></html>"))

        assert problem.code == "checkpoint_not_weights"
        assert "it looks like a web page" in problem.message

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
    def test_a_file_that_is_cut_short_is_refused(self, tmp_path, share):
        data = safetensors.torch.save({"a": torch.ones(1000)})
        problem = refusal(written(tmp_path, data[: max(9, int(len(data) * share))]))

        assert problem.code == "checkpoint_truncated"

    def test_bytes_too_many_are_refused(self, tmp_path):
        data = safetensors.torch.save({"a": torch.ones(10)})

        assert refusal(written(tmp_path, data + b"more")).code == "checkpoint_truncated"

    @pytest.mark.parametrize("claimed", [100_000_001, 2**40, 2**64 - 1])
    def test_a_header_of_an_absurd_size_is_refused(self, tmp_path, claimed):
        problem = refusal(written(tmp_path, struct.pack("<Q", claimed) + b"{}" * 100))

        assert f"claims a header of {claimed} bytes" in problem.message

    @pytest.mark.parametrize("offsets", [[0, 400], [8, 16], [0, 4], [8, 0], [0, 2**63]])
    def test_a_header_that_lies_about_its_data_is_refused(self, tmp_path, offsets):
        lying = {"a": {"dtype": "F32", "shape": [2], "data_offsets": offsets}}
        problem = refusal(written(tmp_path, header(lying) + bytes(8)))

        assert problem.code in {"checkpoint_unreadable", "checkpoint_truncated"}

    def test_tensors_that_overlap_are_refused(self, tmp_path):
        one = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}

        assert refusal(written(tmp_path, header({"a": one, "b": one}) + bytes(8)))

    def test_a_type_that_torch_does_not_have_is_refused(self, tmp_path):
        odd = {"a": {"dtype": "F4", "shape": [4], "data_offsets": [0, 2]}}

        assert "'F4'" in refusal(written(tmp_path, header(odd) + bytes(2))).message

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
    def test_a_weight_that_is_not_finite_is_refused_by_name(self, tmp_path, value):
        tensors = state()
        tensors["1.weight"][2] = value
        problem = refusal(saved(tmp_path, tensors))

        assert problem.code == "checkpoint_not_finite"
        assert problem.message.startswith("the tensor '1.weight' has values")

    def test_a_weight_that_float32_cannot_hold_is_refused(self, tmp_path):
        path = saved(tmp_path, {"a": torch.tensor([1e300], dtype=torch.float64)})

        assert refusal(path).code == "checkpoint_not_finite"

    def test_a_name_with_control_characters_is_shown_harmlessly(self, tmp_path):
        path = saved(tmp_path, {"\x1b[2Jgone": torch.tensor([float("nan")])})

        assert "\x1b" not in refusal(path).message

    def test_a_file_above_the_limit_is_refused_unread(self, tmp_path):
        path = saved(tmp_path, {"a": torch.ones(1)})
        with path.open("r+b") as file:
            file.truncate(weights_module.MAX_BYTES + 1)

        assert refusal(path).code == "checkpoint_too_large"

    @settings(deadline=None)
    @given(st.integers(min_value=0, max_value=200), st.binary(min_size=1, max_size=8))
    def test_a_damaged_file_is_read_or_refused_and_never_crashes(
        self, tmp_path_factory, position, noise
    ):
        data = bytearray(safetensors.torch.save({"a": torch.ones(20), "b": torch.ones(3)}))
        data[position : position + len(noise)] = noise
        path = written(tmp_path_factory.mktemp("damaged"), bytes(data))
        try:
            outcome = list(read(path, allow_torch=False).tensors)
        except ModelInvalid as error:
            outcome = [problem.hint for problem in error.problems]

        assert outcome
        assert all(isinstance(word, str) for word in outcome)


class TestTorchFilesBeforeTheSandbox:
    def test_a_torch_file_is_refused_where_none_is_allowed(self, tmp_path):
        torch.save(state(), tmp_path / "teacher.pt")
        problem = refusal(tmp_path / "teacher.pt", allow_torch=False)

        assert problem.code == "torch_checkpoint_not_allowed"
        assert "STILLHOUSE_ALLOW_TORCH_CHECKPOINTS" in problem.hint

    def test_a_torch_file_that_is_cut_short_is_refused(self, tmp_path):
        torch.save(state(), tmp_path / "teacher.pt")
        data = (tmp_path / "teacher.pt").read_bytes()

        assert refusal(written(tmp_path, data[:-100])).code == "checkpoint_truncated"

    def test_an_empty_zip_archive_is_refused(self, tmp_path):
        zipfile.ZipFile(tmp_path / "empty.pt", "w").close()

        assert refusal(tmp_path / "empty.pt").code == "checkpoint_empty"


class TestLoading:
    def test_a_checkpoint_that_fits_fills_every_tensor(self):
        tensors, model = state(), network()
        tensors["1.num_batches_tracked"].fill_(7)
        load(tensors, model)

        assert model.state_dict().keys() == tensors.keys()
        assert all(torch.equal(model.state_dict()[name], tensors[name]) for name in tensors)

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
    def test_other_precisions_become_the_model_s_own(self, dtype):
        half = {
            name: tensor.to(dtype) if tensor.is_floating_point() else tensor
            for name, tensor in state().items()
        }
        model = network()
        load(half, model)

        assert model.state_dict()["0.weight"].dtype == torch.float32
        assert torch.equal(model.state_dict()["0.weight"], half["0.weight"].float())

    def test_a_misfit_leaves_the_model_as_it_was(self):
        model, tensors = network(), state()
        before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        del tensors["2.bias"]
        misfit(tensors, model=model)

        assert all(torch.equal(model.state_dict()[name], before[name]) for name in before)

    def test_another_number_of_classes_is_said_in_one_sentence(self):
        (problem,) = misfit(state(classes=12))

        assert problem.code == "classes_differ"
        assert problem.message == "the checkpoint has 12 classes, the data has 10"

    def test_a_checkpoint_without_its_last_layer_is_refused(self):
        tensors = state()
        del tensors["2.weight"], tensors["2.bias"]
        (problem,) = misfit(tensors)

        assert problem.code == "classifier_missing"

    def test_everything_that_differs_is_said_at_once(self):
        tensors = state()
        del tensors["0.bias"]
        tensors["3.weight"] = torch.zeros(1)
        tensors["0.weight"] = torch.zeros(4, 9)
        tensors["1.num_batches_tracked"] = torch.tensor(1.5)
        wrong_type = "'1.num_batches_tracked' is float32, not int64"

        assert [(problem.code, problem.message) for problem in misfit(tensors)] == [
            ("keys_missing", "the checkpoint lacks 1 of the 9 tensors of tiny: '0.bias'"),
            (
                "keys_extra",
                "the checkpoint has tensors that tiny does not have, 1 in all: '3.weight'",
            ),
            (
                "shapes_differ",
                "the shape differs in 1 of the 9 tensors of tiny: '0.weight' is [4, 9], not [4, 4]",
            ),
            (
                "types_differ",
                f"the kind of number differs in 1 of the 9 tensors of tiny: {wrong_type}",
            ),
        ]

    def test_a_long_list_is_counted_and_its_first_five_are_named(self):
        extra = {f"extra.{number}": torch.zeros(1) for number in range(12)}
        (problem,) = misfit({**state(), **extra})

        assert "12 in all" in problem.message
        assert problem.message.endswith("'extra.4'; and 7 more")

    @pytest.mark.parametrize("prefix", ["backbone.", "my.own.", "teacher."])
    def test_a_prefix_that_is_not_known_is_named(self, prefix):
        problems = misfit({prefix + name: tensor for name, tensor in state().items()})

        assert f"every name starts with '{prefix}'" in problems[0].hint
        assert f"name.removeprefix('{prefix}')" in problems[0].hint

    def test_the_names_of_another_architecture_point_at_architecture(self):
        tensors = {f"blocks.{number}.attn": torch.zeros(2) for number in range(9)}

        assert "look like another architecture" in misfit(tensors)[0].hint

    def test_a_network_of_the_papers_under_timm_s_name_is_told_its_own(self):
        tensors = {f"block{number}.0.weight": torch.zeros(2) for number in range(5)}
        with pytest.raises(ModelInvalid) as caught:
            load_strictly(
                network(),
                Weights(tensors, ""),
                architecture="vgg13",
                pointer=POINTER,
                file="teacher.pth",
            )

        assert "the distillation papers' is vgg13_cifar" in caught.value.problems[0].hint

    def test_other_widths_are_no_matter_of_classes(self):
        problems = misfit(state(width=5))

        assert [problem.code for problem in problems] == ["shapes_differ"]
        assert "check `architecture`" in problems[0].hint

    def test_complex_numbers_are_not_cut_down_to_real_ones(self):
        tensors = state()
        tensors["0.weight"] = tensors["0.weight"].to(torch.complex64)

        assert [problem.code for problem in misfit(tensors)] == ["types_differ"]


class TestClasses:
    def test_they_are_the_rows_of_the_classifier(self):
        assert classes_in(Weights(state(classes=12), ""), "2") == 12

    @pytest.mark.parametrize("classifier", [None, "fc", "1"])
    def test_they_are_unknown_without_a_classifier(self, classifier):
        tensors = {"1.weight": torch.tensor(3.0)}

        assert classes_in(Weights(tensors, ""), classifier) is None
