"""Arrays are compared with their headers, named when odd, and never unpickled."""

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy

from kd_core.data.limits import Limits
from kd_core.errors import DataInvalid

LABELS = np.arange(12) % 3


def noise(*shape):
    return np.random.Generator(np.random.PCG64(0)).integers(0, 256, shape).astype(np.uint8)


def with_header(header, body=b""):
    """The bytes of a .npy file that says this of itself."""
    buffer = io.BytesIO()
    npy.write_array_header_1_0(buffer, header)
    return buffer.getvalue() + body


@pytest.mark.parametrize("shape", [(12, 9, 7), (12, 9, 7, 1), (12, 9, 7, 3), (12, 8, 8)])
def test_grey_and_colour_images_are_read(build, read, shape):
    data = read(build.npz(images=noise(*shape), labels=LABELS))

    assert data.train.images.shape == (9, 8, 8, 3)
    assert data.class_names == ("0", "1", "2")
    assert [f"images[{row}]" for row in data.train.index] == list(data.train.names)
    assert LABELS[data.train.index].tolist() == data.train.labels.tolist()


def test_images_of_the_right_size_are_kept_as_they_are(build, read):
    pixels = noise(12, 8, 8, 3)

    data = read(build.npz(images=pixels, labels=LABELS))

    np.testing.assert_array_equal(pixels[data.train.index], data.train.images)


def test_fortran_order_changes_nothing(build, read):
    pixels = noise(12, 9, 7, 3)

    rows = read(build.npz("c.npz", images=pixels, labels=LABELS))
    columns = read(build.npz("f.npz", images=np.asfortranarray(pixels), labels=LABELS))

    assert rows.digest == columns.digest


@pytest.mark.parametrize("dtype", ["uint8", "int32", ">i8", "uint64"])
def test_labels_are_any_integers_in_a_column_or_a_row(build, read, dtype):
    labels = LABELS.astype(dtype).reshape(-1, 1)

    data = read(build.npz(images=noise(12, 8, 8), labels=labels))

    assert np.int64 == data.train.labels.dtype
    assert data.train.labels.shape == (9,)


def test_an_npz_brings_its_own_split(build, read):
    data = read(
        build.npz(
            train_images=noise(12, 8, 8), train_labels=LABELS,
            val_images=noise(3, 9, 9, 3), val_labels=LABELS[:3],
        )
    )  # fmt: skip

    assert (len(data.train), len(data.validation)) == (12, 3)
    assert data.validation.names == ("val_images[0]", "val_images[1]", "val_images[2]")
    assert data.validation.index.tolist() == [12, 13, 14]


def test_class_names_come_from_the_file_or_from_the_document(build, read):
    arrays = {"images": noise(12, 8, 8), "labels": LABELS}
    names = ("ant", "bee", "cow")

    in_file = read(build.npz("a.npz", **arrays, class_names=np.array(names)))
    in_document = read(build.npz("b.npz", **arrays), class_names=names)

    assert names == in_file.class_names == in_document.class_names


def test_unlabelled_images_need_no_labels(build, read):
    data = read(build.npz(images=noise(12, 8, 8)), unlabelled=True)

    assert data.train.labels is None
    assert data.class_names is None


def test_images_without_labels_are_refused(build, refusal):
    problem = refusal(build.npz(images=noise(12, 8, 8), y=LABELS))

    assert problem.code == "data_has_no_labels"
    assert "the file has: images, y" in problem.message


def test_missing_arrays_are_named_beside_those_that_are_there(build, refusal):
    problem = refusal(build.npz(x_train=noise(12, 8, 8), y_train=LABELS))

    assert problem.code == "array_missing"
    assert "no array images; it has: x_train, y_train" in problem.message


def test_half_of_a_split_is_refused(build, refusal):
    problem = refusal(build.npz(train_images=noise(12, 8, 8), train_labels=LABELS))

    assert "val_images" in problem.message


def test_the_two_spellings_do_not_mix(build, refusal):
    arrays = dict.fromkeys(("images", "train_images", "val_images"), noise(3, 8, 8))

    assert refusal(build.npz(**arrays), unlabelled=True).code == "array_invalid"


def test_unknown_arrays_are_ignored_with_a_warning(build, read):
    (warning,) = read(build.npz(images=noise(12, 8, 8), labels=LABELS, weights=LABELS)).warnings

    assert "weights" in warning


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"images": noise(12, 8, 8).astype(np.float32)}, "must be uint8; it is float32"),
        ({"images": noise(12, 8, 8).astype(object)}, "Python objects"),
        ({"images": noise(12, 64)}, "[12, 64]"),
        ({"images": noise(12, 3, 8, 8)}, "[12, 3, 8, 8]"),
        ({"images": noise(0, 8, 8)}, "is empty"),
        ({"images": noise(12, 0, 8)}, "is empty"),
        ({"labels": LABELS[:11]}, "must be integers [12]"),
        ({"labels": LABELS.astype(float)}, "float64"),
        ({"labels": LABELS.astype(object)}, "Python objects"),
        ({"labels": np.eye(12)}, "must be integers"),
        ({"class_names": np.array([b"a", b"b", b"c"])}, "list of texts"),
        ({"class_names": np.array(["a", "a", "b"])}, "twice"),
    ],
)
def test_an_array_of_the_wrong_kind_is_refused_by_name(build, refusal, arrays, words):
    name = build.npz(**{"images": noise(12, 8, 8), "labels": LABELS, **arrays})

    problem = refusal(name)

    assert ("array_invalid", next(iter(arrays))) == (problem.code, problem.file)
    assert words in problem.message
    assert problem.pointer == "/data/dataset"


@pytest.mark.parametrize(
    ("labels", "code"),
    [
        (LABELS - 1, "labels_invalid"),
        (LABELS * 2, "empty_class"),
        (LABELS + 1, "empty_class"),
        (LABELS * 2**40, "empty_class"),
        (LABELS * 0, "one_class"),
        (LABELS.astype(np.uint64) + np.uint64(2**63), "array_invalid"),
    ],
)
def test_labels_that_number_no_classes_are_refused(build, refusal, labels, code):
    assert code == refusal(build.npz(images=noise(12, 8, 8), labels=labels)).code


@pytest.mark.parametrize("names", [("a", "b"), ("a", "b", "c", "d")])
def test_names_in_the_file_must_be_as_many_as_classes(build, refusal, names):
    name = build.npz(images=noise(12, 8, 8), labels=LABELS, class_names=np.array(names))

    problem = refusal(name)

    assert (problem.code, problem.pointer) == ("class_count_differs", "/data/dataset")


@pytest.mark.parametrize("shape", [(10**12, 8, 8), (10**30, 8, 8), (-1, 8, 8)])
def test_a_header_that_claims_more_than_is_there_allocates_nothing(build, refusal, shape):
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    name = build.zip({"images.npy": with_header(header, bytes(64))}, "bomb.npz")

    assert refusal(name, unlabelled=True).code == "archive_damaged"


def test_a_zip_that_claims_as_much_as_its_header_allocates_nothing(build, refusal):
    """Header and directory agree on 3 GB; a few bytes are there."""
    array = with_header({"descr": "|u1", "fortran_order": False, "shape": (3 * 10**9, 1, 1)})
    build.zip({"images.npy": array}, "small.npz", zipfile.ZIP_STORED)
    size, claimed = struct.pack("<L", len(array)), struct.pack("<L", len(array) + 3 * 10**9)
    data = (build.root / "small.npz").read_bytes().replace(size, claimed)

    problem = refusal(build.file("bomb.npz", data), unlabelled=True)

    # Some Pythons see for themselves that the member reaches into the directory behind it.
    assert problem.code in {"data_too_large", "archive_damaged"}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_npz_is_refused(build, refusal, share):
    build.npz("whole.npz", images=noise(12, 8, 8), labels=LABELS)
    whole = (build.root / "whole.npz").read_bytes()

    problem = refusal(build.file("data.npz", whole[: int(share * len(whole))]))

    assert problem.code == "archive_damaged"


def test_a_flipped_byte_of_pixels_is_refused(build, refusal):
    np.savez(build.root / "whole.npz", images=noise(12, 8, 8), labels=LABELS)
    data = bytearray((build.root / "whole.npz").read_bytes())
    data[400] ^= 1

    assert refusal(build.file("data.npz", bytes(data))).code == "archive_damaged"


def test_what_is_no_npz_is_refused(build, refusal):
    problem = refusal(build.file("data.npz", b"\x93NUMPY\x01\x00"))

    assert problem.code == "not_a_data_set"
    assert "npz" in problem.message


def test_an_npz_is_known_without_its_suffix(build, read):
    build.npz("data.npz", images=noise(12, 8, 8), labels=LABELS)
    data = (build.root / "data.npz").read_bytes()

    assert read("data.npz").digest == read(build.file("data.bin", data)).digest


def test_stored_pixels_count_against_the_room_for_images(build, refusal):
    name = build.npz(images=noise(12, 64, 64, 3), labels=LABELS)

    problem = refusal(name, limits=Limits(decoded_bytes=12 * 64 * 64 * 3))

    assert (problem.code, problem.pointer) == ("data_too_large", "/data/image_size")


@pytest.mark.parametrize("text", [b"(6, 5", b"[" * 60, b"{1: 2}", b"1j", b"\xff\xfe", b"None"])
def test_a_header_that_makes_no_sense_is_refused(build, refusal, text):
    header = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118)
    shape = b"{'descr': '|u1', 'fortran_order': False, 'shape': " + text
    name = build.zip({"images.npy": header + shape.ljust(118)}, "data.npz")

    assert refusal(name, unlabelled=True).code == "archive_damaged"


def test_an_array_that_stands_twice_is_refused(build, refusal):
    build.npz("data.npz", images=noise(12, 8, 8), imageS=LABELS, labels=LABELS)
    data = (build.root / "data.npz").read_bytes().replace(b"imageS", b"images")

    assert refusal(build.file("data.npz", data)).code == "array_invalid"


def test_a_version_of_npy_that_is_not_known_is_refused(build, refusal):
    header = with_header({"descr": "|u1", "fortran_order": False, "shape": (0,)})
    name = build.zip({"images.npy": header.replace(b"\x01\x00", b"\x09\x00", 1)}, "data.npz")

    assert refusal(name, unlabelled=True).code == "archive_damaged"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1))
def test_a_corrupted_npz_is_read_or_refused_and_never_crashes(build, read, flips):
    build.npz("whole.npz", images=noise(6, 4, 4), labels=LABELS[:6])
    data = bytearray((build.root / "whole.npz").read_bytes())
    for place, mask in flips:
        data[int(place * len(data))] ^= mask
    build.file("data.npz", bytes(data))

    try:
        data_set = read("data.npz")
    except DataInvalid as error:
        assert error.problems[0].hint
    else:
        assert len(data_set.train) + len(data_set.validation) == 6
