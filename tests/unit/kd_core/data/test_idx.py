"""MNIST and its family are read as they were published, gzipped or not."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kd_core.data.limits import Limits
from kd_core.errors import DataInvalid

LABELS = np.arange(12) % 3


def noise(count, seed=0, side=28):
    draw = np.random.Generator(np.random.PCG64(seed))
    return draw.integers(0, 256, (count, side, side)).astype(np.uint8)


def idx(array):
    """The bytes of an IDX file."""
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes((0, 0, 8, array.ndim)) + shape + array.astype(np.uint8).tobytes()


def mnist(train=12, test=3):
    return {
        "train-images-idx3-ubyte": idx(noise(train)),
        "train-labels-idx1-ubyte": idx(LABELS[:train]),
        "t10k-images-idx3-ubyte": idx(noise(test, 1)),
        "t10k-labels-idx1-ubyte": idx(LABELS[:test]),
    }


def gzipped(files):
    return {f"{name}.gz": gzip.compress(data) for name, data in files.items()}


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
@pytest.mark.parametrize("packed", [False, True])
def test_mnist_is_read_with_its_test_split(build, read, pack, packed):
    files = gzipped(mnist()) if packed else mnist()

    data = read(getattr(build, pack)(files), image_size=28)

    assert (9, 3, 3) == (len(data.train), len(data.validation), len(data.test))
    assert LABELS[data.train.index].tolist() == data.train.labels.tolist()
    np.testing.assert_array_equal(noise(3, 1), data.test.images[:, :, :, 0])
    assert data.test.names[2].startswith("t10k-images-idx3-ubyte")
    assert ("0", "1", "2") == data.class_names
    assert data.report.layout == "IDX"


@pytest.mark.parametrize("renamed", ["MNIST/raw/{}", "emnist-digits-{}", "{}"])
def test_relatives_are_known_by_their_names(build, read, renamed):
    files = {renamed.format(name): data for name, data in mnist().items()}

    assert len(read(build.folder(files)).test) == 3


def test_dots_in_names_are_read_too(build, read):
    files = {name.replace("-idx", ".idx"): data for name, data in mnist().items()}

    assert len(read(build.folder(files)).test) == 3


def test_a_file_that_is_there_twice_is_read_once(build, read):
    data = read(build.folder(mnist() | gzipped(mnist())))

    assert len(data.test) == 3
    assert data.test.names[0] == "t10k-images-idx3-ubyte[0]"


def test_names_of_the_classes_may_be_given(build, read):
    names = ("t-shirt", "trouser", "pullover")

    assert names == read(build.folder(mnist()), class_names=names).class_names


def test_images_without_labels_are_unlabelled_data(build, read, refusal):
    files = {name: data for name, data in mnist().items() if "images" in name}

    assert refusal(build.folder(files)).code == "data_has_no_labels"
    assert len(read("data", unlabelled=True).test) == 3


@pytest.mark.parametrize(
    ("name", "data", "code", "says"),
    [
        ("train-images-idx3-ubyte", idx(noise(12))[:-1], "file_damaged", "claims 9424 bytes"),
        ("train-images-idx3-ubyte", idx(noise(12)) + b"x", "file_damaged", "and has 9425"),
        ("train-images-idx3-ubyte", b"", "file_damaged", "begins with nothing"),
        ("train-images-idx3-ubyte", b"\0\0\x08\x03\0", "file_damaged", "header is cut off"),
        ("train-images-idx3-ubyte", b"\0\0\x0d\x03" + bytes(12), "file_damaged", "00 00 0d 03"),
        ("train-images-idx3-ubyte", idx(LABELS), "file_damaged", "00 00 08 01"),
        ("train-images-idx3-ubyte", idx(noise(0)), "file_damaged", "empty"),
        ("train-images-idx3-ubyte", idx(noise(12))[:4] + b"\xff" * 12, "file_damaged", "claims"),
        ("train-labels-idx1-ubyte", idx(LABELS[:-1]), "file_damaged", "11 labels for 12 images"),
        ("t10k-labels-idx1-ubyte", None, "file_missing", "no labels"),
        ("train-images-idx3-ubyte", None, "file_missing", "no training images"),
    ],
)
def test_a_damaged_copy_is_refused_by_file(build, refusal, name, data, code, says):
    files = mnist() | {name: data}

    problem = refusal(build.folder({k: v for k, v in files.items() if v is not None}))

    assert code == problem.code
    assert problem.file
    assert says in problem.message


@pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
def test_a_truncated_gzip_is_refused(build, refusal, share):
    files = gzipped(mnist())
    name = "train-images-idx3-ubyte.gz"
    files[name] = files[name][: int(share * len(files[name]))]

    problem = refusal(build.folder(files))

    assert (problem.code, problem.file) == ("file_damaged", name)


def test_a_wrong_checksum_is_refused(build, refusal):
    files = gzipped(mnist())
    name = "train-images-idx3-ubyte.gz"
    files[name] = files[name][:-8] + b"oops" + files[name][-4:]

    assert refusal(build.folder(files)).code == "file_damaged"


@pytest.mark.parametrize("change", [-1, 1])
def test_a_gzipped_file_of_another_length_than_it_says_is_refused(build, refusal, change):
    name = "train-images-idx3-ubyte"
    data = mnist()[name] + b"x"

    problem = refusal(build.folder(gzipped(mnist() | {name: data[: len(data) - 1 + change]})))

    assert (problem.code, problem.file) == ("file_damaged", f"{name}.gz")
    assert "does not have the 9424 bytes" in problem.message


def test_a_header_that_claims_too_much_is_not_believed(build, refusal):
    header = bytes((0, 0, 8, 3)) + struct.pack(">3I", 60_000, 2800, 2800)
    files = gzipped(mnist() | {"train-images-idx3-ubyte": header + bytes(1000)})

    assert refusal(build.folder(files)).code == "compression_bomb"


def test_pixels_that_do_not_fit_into_memory_are_refused(build, refusal):
    problem = refusal(build.folder(mnist()), limits=Limits(decoded_bytes=5000))

    assert problem.code == "data_too_large"


def test_two_sets_in_one_folder_are_refused(build, refusal):
    files = {f"{kind}-{k}": v for kind in ("letters", "digits") for k, v in mnist().items()}

    problem = refusal(build.folder(files))

    assert problem.code == "layout_conflict"
    assert "different data sets" in problem.message


def test_two_test_splits_are_refused(build, refusal):
    files = mnist() | {"test-images-idx3-ubyte": idx(noise(3, 2))}

    assert "both of one split" in refusal(build.folder(files)).message


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"])
def test_one_file_alone_is_refused_with_the_way_out(build, refusal, name):
    problem = refusal(build.file(name, (mnist() | gzipped(mnist()))[name]))

    assert problem.code == "not_a_data_set"
    assert "name the folder" in problem.hint


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(mnist())),
    packed=st.booleans(),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4),
    early=st.booleans(),
    share=st.floats(0, 2),
)
def test_a_corrupted_copy_is_read_or_refused_and_never_crashes(
    build, read, name, packed, flips, early, share
):
    files = gzipped(mnist()) if packed else mnist()
    name = f"{name}.gz" if packed else name
    data = bytearray(files[name])
    for place, mask in flips:
        data[int(place * (min(16, len(data)) if early else len(data)))] ^= mask

    try:
        read(build.zip(files | {name: bytes(data[: int(share * len(data))])}))
    except DataInvalid as error:
        assert error.problems[0].hint
