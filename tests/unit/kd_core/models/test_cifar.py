"""The CIFAR networks of the papers: as many weights as published, under the published names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import timm
import torch
from torch import nn

from kd_core.architectures import PUBLISHED, architectures, check_architecture
from kd_core.models import cifar
from kd_core.models.build import Plan
from kd_core.models.measure import parameters
from kd_core.packaging import timm_folder
from kd_core.spec.models import Student

# With 100 classes, as RepDistiller's and mdistiller's definitions count.
PARAMETERS = {
    "mobilenetv2_half_cifar": 812_836,
    "resnet8x4": 1_233_540,
    "resnet20": 278_324,
    "resnet32": 472_756,
    "resnet32x4": 7_433_860,
    "resnet50_cifar": 23_705_252,
    "resnet56": 861_620,
    "resnet110": 1_736_564,
    "shufflenetv1": 949_258,
    "shufflenetv2": 1_355_528,
    "vgg8": 3_965_028,
    "vgg13_cifar": 9_462_180,
    "wrn_16_2": 703_284,
    "wrn_40_1": 569_780,
    "wrn_40_2": 2_255_156,
}
# One of each class, and the smallest of it.
KINDS = (
    "mobilenetv2_half_cifar",
    "resnet8x4",
    "resnet50_cifar",
    "shufflenetv1",
    "shufflenetv2",
    "vgg8",
    "wrn_16_2",
)

# The modules of mdistiller's networks that have weights: convolutions, normalisations, linear.
PUBLISHED_MODULES = {
    "resnet8x4": (
        (
            "conv1 layer1.0.conv1 layer1.0.conv2 layer1.0.downsample.0 layer2.0.conv1 "
            "layer2.0.conv2 layer2.0.downsample.0 layer3.0.conv1 layer3.0.conv2 "
            "layer3.0.downsample.0"
        ),
        (
            "bn1 layer1.0.bn1 layer1.0.bn2 layer1.0.downsample.1 layer2.0.bn1 layer2.0.bn2 "
            "layer2.0.downsample.1 layer3.0.bn1 layer3.0.bn2 layer3.0.downsample.1"
        ),
        "fc",
    ),
    "wrn_16_2": (
        (
            "conv1 block1.layer.0.conv1 block1.layer.0.conv2 block1.layer.0.convShortcut "
            "block1.layer.1.conv1 block1.layer.1.conv2 block2.layer.0.conv1 block2.layer.0.conv2 "
            "block2.layer.0.convShortcut block2.layer.1.conv1 block2.layer.1.conv2 "
            "block3.layer.0.conv1 block3.layer.0.conv2 block3.layer.0.convShortcut "
            "block3.layer.1.conv1 block3.layer.1.conv2"
        ),
        (
            "bn1 block1.layer.0.bn1 block1.layer.0.bn2 block1.layer.1.bn1 block1.layer.1.bn2 "
            "block2.layer.0.bn1 block2.layer.0.bn2 block2.layer.1.bn1 block2.layer.1.bn2 "
            "block3.layer.0.bn1 block3.layer.0.bn2 block3.layer.1.bn1 block3.layer.1.bn2"
        ),
        "fc",
    ),
    "vgg8": (
        "",
        "block0.1 block1.1 block2.1 block3.1 block4.1",
        # VGG's convolutions have a bias, as its linear layer has.
        "block0.0 block1.0 block2.0 block3.0 block4.0 classifier",
    ),
}
# Of the others, a name from every corner.
PUBLISHED_NAMES = {
    "mobilenetv2_half_cifar": (
        "conv1.0.weight conv1.1.running_mean blocks.0.0.conv.0.weight blocks.2.2.conv.7.bias "
        "blocks.6.0.conv.3.weight conv2.0.weight conv2.1.weight classifier.0.weight "
        "classifier.0.bias"
    ),
    "resnet50_cifar": (
        "conv1.weight bn1.weight layer1.0.conv3.weight layer1.0.shortcut.0.weight "
        "layer1.0.shortcut.1.running_var layer3.5.bn3.weight layer4.2.conv2.weight linear.weight"
    ),
    "shufflenetv1": (
        "conv1.weight layer1.0.conv1.weight layer1.3.bn3.bias layer2.7.conv2.weight "
        "layer3.3.conv3.weight linear.bias"
    ),
    "shufflenetv2": (
        "conv1.weight layer1.0.conv5.weight layer1.0.bn5.weight layer1.3.conv3.weight "
        "layer2.7.bn3.bias layer3.3.conv1.weight conv2.weight bn2.weight linear.weight"
    ),
    "vgg13_cifar": "block0.0.bias block0.1.weight block0.3.weight block4.4.bias classifier.weight",
    "wrn_40_2": "block3.layer.5.conv2.weight block1.layer.0.convShortcut.weight bn1.bias",
    "resnet110": "layer1.17.bn2.bias layer2.0.downsample.0.weight layer3.17.conv2.weight",
}
NORMALISATION = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def published_names(name):
    convolutions, normalisations, biased = (row.split() for row in PUBLISHED_MODULES[name])
    return {
        *(f"{module}.weight" for module in convolutions),
        *(f"{module}.{leaf}" for module in normalisations for leaf in NORMALISATION),
        *(f"{module}.{leaf}" for module in biased for leaf in ("weight", "bias")),
    }


def plan(name, classes=100, image_size=32):
    return Plan.of(Student(architecture=name), classes, image_size)


class TestTheRegistry:
    def test_all_of_them_are_in_it_and_in_the_list_that_needs_no_torch(self):
        assert set(cifar.__all__) == set(PARAMETERS)
        assert set(PARAMETERS) <= set(timm.list_models()) & set(architectures())

    def test_none_of_them_took_a_name_that_was_timm_s(self):
        code = "import timm; print(*timm.list_models())"
        listed = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )

        assert not set(PARAMETERS) & set(listed.stdout.split())

    def test_timm_s_own_networks_of_similar_names_stay_what_they_are(self):
        vgg = timm.get_pretrained_cfg("vgg13")

        assert (3, 224, 224) == vgg.input_size
        assert "features.0" == vgg.first_conv

    @pytest.mark.parametrize(("theirs", "ours"), PUBLISHED.items())
    def test_another_published_name_leads_to_ours(self, theirs, ours):
        with pytest.raises(Exception, match="timm has no architecture") as caught:
            check_architecture(theirs)

        assert f"is {ours} here" in caught.value.context["hint"]
        assert ours in cifar.__all__

    @pytest.mark.parametrize("name", PARAMETERS)
    def test_their_input_is_that_of_cifar_100(self, name):
        made = plan(name)

        assert (0.5071, 0.4867, 0.4408) == made.mean
        assert (0.2675, 0.2565, 0.2761) == made.std
        assert (3, 32, 32) == timm.get_pretrained_cfg(name).input_size
        assert {} == made.arguments


class TestTheNetworks:
    @pytest.mark.parametrize(("name", "count"), PARAMETERS.items())
    def test_they_have_the_published_number_of_weights(self, name, count):
        with torch.device("meta"):
            network = timm.create_model(name)

        assert count == parameters(network)

    @pytest.mark.parametrize("name", PUBLISHED_MODULES)
    def test_they_have_the_published_names_and_no_other(self, name):
        assert published_names(name) == timm.create_model(name).state_dict().keys()

    @pytest.mark.parametrize(("name", "some"), PUBLISHED_NAMES.items())
    def test_every_corner_has_its_published_name(self, name, some):
        assert set(some.split()) <= timm.create_model(name).state_dict().keys()

    @pytest.mark.parametrize("classes", [10, 100])
    @pytest.mark.parametrize("name", PARAMETERS)
    def test_they_answer_with_a_logit_for_each_class(self, name, classes):
        network = plan(name, classes).build("/student/architecture")
        rows = network.state_dict()[f"{plan(name).classifier}.weight"]

        assert (2, classes) == network(torch.randn(2, 3, 32, 32)).shape
        assert (classes, network.num_features) == rows.shape

    @pytest.mark.parametrize("name", KINDS)
    def test_every_weight_gets_a_gradient(self, name):
        torch.manual_seed(0)
        network = timm.create_model(name, num_classes=10)
        answer = network(torch.randn(4, 3, 32, 32))
        nn.functional.cross_entropy(answer, torch.arange(4)).backward()
        gradients = {key: weight.grad for key, weight in network.named_parameters()}

        assert [] == [key for key, gradient in gradients.items() if gradient is None]
        assert [] == [key for key, gradient in gradients.items() if not gradient.abs().sum() > 0]
        assert all(gradient.isfinite().all() for gradient in gradients.values())

    @pytest.mark.parametrize("name", KINDS)
    @pytest.mark.parametrize("side", [16, 64])
    def test_other_image_sizes_fit_too(self, name, side):
        network = timm.create_model(name, num_classes=3).eval()

        with torch.no_grad():
            assert (1, 3) == network(torch.randn(1, 3, side, side)).shape

    def test_vgg_halves_once_more_at_64_as_published(self):
        network = timm.create_model("vgg8").eval()
        sides = [
            network.forward_features(torch.zeros(1, 3, side, side)).shape[2] for side in (32, 64)
        ]

        assert [4, 4] == sides

    @pytest.mark.parametrize("name", KINDS)
    def test_they_start_without_exploding_or_vanishing(self, name):
        torch.manual_seed(0)
        network = timm.create_model(name)
        spread = network(torch.randn(8, 3, 32, 32)).std(dim=0).mean().item()

        assert 1e-3 < spread < 30


def test_the_page_lists_them_as_they_are():
    page = (Path(__file__).parents[4] / "docs/models.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| ([\d ]+) \|$", page, flags=re.MULTILINE)

    assert PARAMETERS == {name: int(count.replace(" ", "")) for name, count in rows}


class TestWhatTimmAsks:
    @pytest.mark.parametrize("name", KINDS)
    def test_the_last_layer_can_be_replaced_and_left_out(self, name):
        network = timm.create_model(name, num_classes=0)
        features = network(torch.randn(2, 3, 32, 32))
        network.reset_classifier(7)

        assert (2, network.num_features) == features.shape
        assert (2, 7) == network(torch.randn(2, 3, 32, 32)).shape
        assert network.get_classifier() is network.get_submodule(plan(name).classifier)
        assert 7 == network.num_classes

    def test_the_head_can_be_asked_for_what_it_pools(self):
        network = timm.create_model("resnet20").eval()
        features = network.forward_features(torch.randn(2, 3, 32, 32))

        assert (2, 64, 8, 8) == features.shape
        torch.testing.assert_close(
            features.mean((2, 3)), network.forward_head(features, pre_logits=True)
        )

    def test_a_pooling_that_they_do_not_have_is_refused(self):
        with pytest.raises(ValueError, match="no max pool"):
            timm.create_model("vgg8").reset_classifier(3, "max")

    def test_other_numbers_of_channels_fit(self):
        network = timm.create_model("wrn_40_1", in_chans=1).eval()

        assert (1, 100) == network(torch.zeros(1, 1, 32, 32)).shape


class TestTheFolder:
    LOAD = (
        "import sys, timm; {before}"
        "print(timm.create_model('local-dir:' + sys.argv[1], pretrained=True).num_classes)"
    )

    @pytest.fixture
    def folder(self, tmp_path):
        made = plan("resnet20", classes=3)
        timm_folder.save(made.build(""), made, ("a", "b", "c"), tmp_path / "student")
        return tmp_path / "student"

    def load(self, folder, before=""):
        command = [sys.executable, "-c", self.LOAD.format(before=before), str(folder)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_it_says_what_it_takes_to_load_it(self, folder):
        config = SimpleNamespace(**json.loads((folder / "config.json").read_text()))
        words = config.requires.split()

        assert "resnet20" == config.architecture
        assert ["import", "kd_core.models.cifar"] == words[:2]
        assert "Unknown model (resnet20)" in self.load(folder).stderr
        assert "3" == self.load(folder, f"{words[0]} {words[1]}; ").stdout.strip()

    def test_a_network_of_timm_s_own_requires_nothing(self, tmp_path):
        made = plan("test_efficientnet", classes=3)
        timm_folder.save(made.build(""), made, (), tmp_path / "student")

        assert "requires" not in json.loads((tmp_path / "student/config.json").read_text())
