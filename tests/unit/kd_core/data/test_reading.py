"""The whole road: from a section of the document to two splits with a digest."""

import hashlib
import socket

import numpy as np
import pytest
from sklearn.datasets import load_digits

from kd_core.data.limits import Limits


def test_digits_are_scikit_learns(read):
    data = read("digits")
    digits = load_digits()

    assert tuple("0123456789") == data.class_names
    assert len(digits.target) == len(data.train) + len(data.validation)
    for samples in (data.train, data.validation):
        grey = np.rint(digits.images[samples.index] * 255 / 16)
        np.testing.assert_array_equal(grey, samples.images[:, :, :, 0])
        np.testing.assert_array_equal(digits.target[samples.index], samples.labels)
        assert [f"digits[{row}]" for row in samples.index] == list(samples.names)


def test_samples_ascend_and_none_is_on_both_sides(read):
    data = read("digits")
    both = [*data.train.index, *data.validation.index]

    assert sorted(data.train.index) == data.train.index.tolist()
    assert sorted(data.validation.index) == data.validation.index.tolist()
    assert list(range(1797)) == sorted(both)


def test_the_default_split_holds_out_a_fifth_of_each_class(read):
    data = read("digits")

    shares = np.bincount(data.validation.labels) / np.bincount(load_digits().target)
    np.testing.assert_allclose(shares, 0.2, atol=0.01)


def test_the_split_follows_its_share_and_seed(read):
    same = read("digits", split={"validation": 0.2, "seed": 0})
    other = read("digits", split={"validation": 0.2, "seed": 1})
    half = read("digits", split={"validation": 0.5})

    assert read("digits").digest == same.digest
    assert len({same.digest, other.digest, half.digest}) == 3
    assert pytest.approx(len(half.validation), abs=5) == 898


@pytest.mark.parametrize(
    "change", [{"image_size": 9}, {"unlabelled": True}, {"split": {"seed": 3}}]
)
def test_the_digest_changes_with_what_is_trained_on(read, change):
    assert read("digits").digest != read("digits", **change).digest


def test_the_digest_changes_with_one_pixel_a_label_or_a_name(build, read, images):
    files = images.pets()
    moved = {k.replace("cats/0", "dogs/9"): v for k, v in files.items()}
    renamed = {k.replace("cats", "kittens"): v for k, v in files.items()}
    changed = {**files, "cats/0.png": images.png(99)}

    digests = {
        read(build.folder(f, f"d{n}")).digest
        for n, f in enumerate((files, moved, renamed, changed, files))
    }

    assert len(digests) == 4
    assert {len(hashlib.sha256().hexdigest())} == set(map(len, digests))


def test_unlabelled_digits_keep_their_names_and_lose_their_labels(read):
    data = read("digits", unlabelled=True)

    assert data.train.labels is None
    assert tuple("0123456789") == data.class_names


def test_names_that_the_data_brings_are_not_overruled(refusal, read):
    problem = refusal("digits", class_names=("zero", "one"))

    assert (problem.code, problem.pointer) == ("class_names_conflict", "/data/class_names")
    assert read("digits").digest == read("digits", class_names=tuple("0123456789")).digest


def test_given_names_must_be_as_many_as_classes_and_different(build, refusal):
    labels = np.array([0, 1, 2] * 4)
    name = build.npz(images=np.zeros((12, 8, 8), np.uint8), labels=labels)

    assert refusal(name, class_names=("a", "b")).pointer == "/data/class_names"
    assert refusal(name, class_names=("a", "b", "a")).code == "class_names_repeat"


def test_a_split_beside_the_datas_own_is_refused(build, refusal, images):
    name = build.folder({**images.pets(2, "train/"), **images.pets(2, "val/")})

    problem = refusal(name, split={"validation": 0.5})

    assert (problem.code, problem.pointer) == ("split_conflict", "/data/split")


def test_a_class_without_a_validation_image_is_refused(build, refusal):
    pixels, labels = np.zeros((6, 8, 8), np.uint8), np.array([0, 1, 2] * 2)
    arrays = {"train_images": pixels, "train_labels": labels, "val_images": pixels}

    without = refusal(build.npz("a.npz", **arrays, val_labels=labels % 2))
    beyond = refusal(build.npz("b.npz", **arrays, val_labels=labels + 1))

    assert (without.code, beyond.code) == ("empty_class", "empty_class")
    assert "in the validation split: 2" in without.message
    assert "in the training split: 3" in beyond.message


def test_too_few_samples_are_refused(build, refusal, images):
    flat = build.folder({"0.png": images.png(), "1.png": images.png(1)})
    single = build.folder({"a/0.png": images.png(), "b/0.png": images.png(1)}, "single")

    assert refusal(flat, unlabelled=True).code == "too_few_samples"
    assert refusal(single).code == "class_too_small"


def test_images_that_do_not_fit_into_memory_are_refused_with_a_size_that_does(refusal):
    limits = Limits(decoded_bytes=1797 * 32 * 32 * 3)

    problem = refusal("digits", image_size=64, limits=limits)

    assert (problem.code, problem.pointer) == ("data_too_large", "/data/image_size")
    assert "1797 images of 64 x 64" in problem.message
    assert "to 32 or less" in problem.hint


def test_the_size_that_fits_is_accepted(read):
    assert read("digits", image_size=10, limits=Limits(decoded_bytes=1797 * 300)).warnings == ()


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.npy", b"\x93NUMPY"), ("b.csv", b"a,b"), ("c.zip", b""), ("d.7z", b"7z\xbc\xaf\x27\x1c")],
)
def test_what_no_reader_knows_is_refused_with_what_is_accepted(build, refusal, name, data):
    problem = refusal(build.file(name, data))

    assert problem.code == "not_a_data_set"
    assert ".tar.gz" in problem.hint
    assert name in problem.file


@pytest.mark.parametrize("name", ["nowhere", "nul\0byte", "n" * 5000])
def test_what_is_not_there_is_refused(refusal, name):
    assert refusal(name).code == "data_not_found"


def test_a_socket_is_refused(build, refusal):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(build.root / "s"))

        assert refusal("s").code == "special_file"


def test_an_absolute_path_does_not_start_at_the_base(build, read, images):
    build.folder(images.pets())

    assert read("data").digest == read(str(build.root / "data")).digest


def test_reading_twice_gives_the_same(build, read, images):
    name = build.tar(images.pets(), mode="w:gz")

    assert read(name).digest == read(name).digest
