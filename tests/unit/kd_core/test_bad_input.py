"""Bad input, all of it: refused by name with the way out, and nothing stays behind."""

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

import kd_core
from kd_core.errors import DataInvalid, LossInputInvalid, ModelInvalid
from tests.support.small_runs import (
    OWN_TEACHER,
    SIDE,
    WITH_TEACHER,
    save_teacher,
    small_data,
    small_spec,
)


def image_folder(root, **classes):
    for name, count in classes.items():
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (20, 20), (number, 0, 0)).save(root / name / f"{number}.png")
    return root


def folder_spec(path, **changes):
    return small_spec(data={"dataset": f"file:{path}", "image_size": SIDE}, **changes)


def broken_image(here):
    root = image_folder(here / "images", cats=4, dogs=4)
    (root / "dogs/2.png").write_bytes(b"not an image")
    return folder_spec("images"), DataInvalid, "dogs/2.png"


def class_without_image(here):
    root = image_folder(here / "images", cats=4, dogs=4)
    (root / "emus").mkdir()
    return folder_spec("images"), DataInvalid, "emus"


def empty_archive(here):
    import zipfile

    zipfile.ZipFile(here / "images.zip", "w").close()
    return folder_spec("images.zip"), DataInvalid, "images.zip"


def archive_that_climbs(here):
    import zipfile

    with zipfile.ZipFile(here / "images.zip", "w") as archive:
        archive.writestr("../cats/1.png", b"x")
    return folder_spec("images.zip"), DataInvalid, "../cats/1.png"


def archive_with_a_link(here):
    import tarfile

    link = tarfile.TarInfo("cats/1.png")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(here / "images.tar", "w") as archive:
        archive.addfile(link)
    return folder_spec("images.tar"), DataInvalid, "cats/1.png"


def no_labels(here):
    small_data(here / "data.npz", labelled=False)
    return small_spec(), DataInvalid, "unlabelled"


def classes_that_differ(here):
    save_teacher(here / "teacher.safetensors", classes=5)
    return small_spec(**WITH_TEACHER), ModelInvalid, "5 classes"


def keys_missing(here):
    save_teacher(here / "teacher.safetensors")
    tensors = safetensors.torch.load_file(here / "teacher.safetensors")
    del tensors["conv_stem.weight"]
    safetensors.torch.save_file(tensors, here / "teacher.safetensors")
    return small_spec(**WITH_TEACHER), ModelInvalid, "conv_stem.weight"


def keys_extra(here):
    save_teacher(here / "teacher.safetensors", surplus=torch.zeros(3))
    return small_spec(**WITH_TEACHER), ModelInvalid, "surplus"


def checkpoint_missing(_here):
    return small_spec(**WITH_TEACHER), ModelInvalid, "teacher.safetensors"


def pickle_that_is_not_weights(here):
    import pickle

    (here / "teacher.safetensors").write_bytes(pickle.dumps({"a": print}))
    return small_spec(**WITH_TEACHER), ModelInvalid, "teacher.safetensors"


def images_too_small(_here):
    spec = small_spec(student={"architecture": "inception_v3"})
    return spec, ModelInvalid, "/student/architecture"


def too_many_classes(here):
    images = np.zeros((303, 8, 8), np.uint8)
    np.savez(here / "data.npz", images=images, labels=np.arange(303) % 101)
    spec = small_spec(teacher=OWN_TEACHER, loss={"kind": "pld", "weights": "plistmle"})
    return spec, LossInputInvalid, "/loss/0/weights: pld with weights: plistmle"


BAD_INPUT = [
    too_many_classes,
    broken_image,
    class_without_image,
    empty_archive,
    archive_that_climbs,
    archive_with_a_link,
    no_labels,
    classes_that_differ,
    keys_missing,
    keys_extra,
    checkpoint_missing,
    pickle_that_is_not_weights,
    images_too_small,
]


@pytest.mark.parametrize("make", BAD_INPUT, ids=lambda make: make.__name__)
def test_bad_input_is_refused_by_name_and_leaves_nothing(here, make):
    spec, error, named = make(here)
    before = sorted(here.rglob("*"))

    with pytest.raises(error) as caught:
        kd_core.distill(spec, here / "out")
    assert named in str(caught.value)
    assert caught.value.problems[0].pointer
    assert before == sorted(here.rglob("*"))
