"""CIFAR's binary version is read as it was published; its pickles are never opened."""

import pickle
import tarfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kd_core.data import reading
from kd_core.data.limits import Limits
from kd_core.errors import DataInvalid

NAMES_10 = ("airplane", "automobile", "bird")
NAMES_100 = ("apple", "aquarium_fish", "baby")


def batch(count, seed, label_bytes=1):
    """Records whose last label byte counts 0, 1, 2, 0, ..."""
    draw = np.random.Generator(np.random.PCG64(seed))
    labels = np.repeat((np.arange(count) % 3)[:, None], label_bytes, axis=1)
    labels[:, : label_bytes - 1] = 19
    pixels = draw.integers(0, 256, (count, 3072))
    return np.concatenate([labels, pixels], axis=1).astype(np.uint8).tobytes()


def cifar_10(batches=2, count=6):
    folder = "cifar-10-batches-bin/"
    files = {f"data_batch_{n}.bin": batch(count, n) for n in range(1, batches + 1)}
    files |= {
        "batches.meta.txt": "\n".join((*NAMES_10, "", "")).encode(),
        "readme.html": b"<html>",
        "test_batch.bin": batch(3, 99),
    }
    return {folder + name: data for name, data in files.items()}


def cifar_100():
    files = {
        "train.bin": batch(9, 1, label_bytes=2),
        "test.bin": batch(3, 2, label_bytes=2),
        "fine_label_names.txt": "\n".join((*NAMES_100, "")).encode(),
        "coarse_label_names.txt": b"aquatic_mammals\nfish\n",
    }
    return {f"cifar-100-binary/{name}": data for name, data in files.items()}


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_cifar_10_is_read_with_its_own_names_and_test_split(build, read, pack):
    data = read(getattr(build, pack)(cifar_10()), image_size=32)

    assert NAMES_10 == data.class_names
    assert (9, 3, 3) == (len(data.train), len(data.validation), len(data.test))
    assert data.test.names[0] == "cifar-10-batches-bin/test_batch.bin[0]"
    assert [0, 1, 2] == data.test.labels.tolist()
    assert data.report.layout == "CIFAR-10"
    assert data.warnings == ()


def test_the_published_archive_is_read(build, read):
    data = read(build.tar(cifar_10(), "cifar-10-binary.tar.gz", "w:gz"))

    assert len(data.test) == 3


def test_pixels_are_planes_of_red_green_and_blue(build, read):
    data = read(build.folder(cifar_10()), image_size=32)

    record = np.frombuffer(batch(3, 99), np.uint8).reshape(3, 3073)[1, 1:]
    red, green, blue = record.reshape(3, 32, 32)
    np.testing.assert_array_equal(np.stack([red, green, blue], axis=2), data.test.images[1])


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_cifar_100_has_its_fine_labels(build, read, pack):
    data = read(getattr(build, pack)(cifar_100()))

    assert NAMES_100 == data.class_names
    assert [0, 1, 2] == data.test.labels.tolist()
    assert (6, 3, 3) == (len(data.train), len(data.validation), len(data.test))


def test_cifar_may_be_read_without_its_labels(build, read):
    data = read(build.folder(cifar_10()), unlabelled=True)

    assert data.train.labels is None
    assert NAMES_10 == data.class_names


def test_without_a_list_of_names_classes_are_numbers(build, read):
    files = {k: v for k, v in cifar_10().items() if "meta" not in k}

    assert ("0", "1", "2") == read(build.folder(files)).class_names


def test_ten_batches_are_in_the_order_of_their_numbers(build, read):
    data = read(build.folder(cifar_10(batches=11, count=3)), unlabelled=True)

    names = sorted(zip((*data.train.index, *data.validation.index),
                       (*data.train.names, *data.validation.names), strict=True))  # fmt: skip
    assert "data_batch_2.bin[0]" in names[3][1]
    assert "data_batch_10.bin[0]" in names[27][1]


@pytest.mark.parametrize(
    ("name", "data", "code", "says"),
    [
        ("data_batch_1.bin", batch(6, 1)[:-1], "file_damaged", "18437 bytes"),
        ("data_batch_1.bin", b"", "file_damaged", "0 bytes"),
        (
            "test_batch.bin",
            b"\x07" + batch(1, 1)[1:],
            "file_damaged",
            "the label 7, and there are 3",
        ),
        ("batches.meta.txt", b"a\xff", "text_damaged", "UTF-8"),
        ("batches.meta.txt", b"a\na\nb", "class_names_repeat", "a"),
        ("data_batch_1.bin", None, "file_missing", "batch 1 is missing"),
    ],
)
def test_a_damaged_copy_is_refused_by_file(build, refusal, name, data, code, says):
    files = cifar_10() | {f"cifar-10-batches-bin/{name}": data}

    problem = refusal(build.folder({k: v for k, v in files.items() if v is not None}))

    assert (problem.code, problem.file.startswith("cifar-10-batches-bin/")) == (code, True)
    assert says in problem.message


def test_cifar_100_without_its_training_file_is_refused(build, refusal):
    files = {k: v for k, v in cifar_100().items() if not k.endswith("train.bin")}

    assert refusal(build.folder(files)).code == "file_missing"


@pytest.mark.parametrize(
    "names",
    [
        ("data_batch_1", "data_batch_2", "test_batch", "batches.meta"),
        ("train", "test", "meta", "file.txt~"),
    ],
)
@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_the_python_version_is_refused_with_the_way_out(build, refusal, pack, names, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "opened"), "w"))

    poison = pickle.dumps(Trap())
    problem = refusal(getattr(build, pack)({f"cifar-py/{name}": poison for name in names}))

    assert problem.code == "pickle_refused"
    assert "binary version" in problem.hint
    assert not (tmp_path / "opened").exists()


def test_a_link_out_of_the_folder_is_refused(build, refusal):
    outside = build.root / build.file("outside.bin", batch(6, 9))
    build.folder(cifar_10())
    (build.root / "data/cifar-10-batches-bin/data_batch_3.bin").symlink_to(outside)

    assert refusal("data").code == "link_refused"


def test_a_link_or_an_unsafe_name_in_an_archive_is_refused(build, refusal):
    link = tarfile.TarInfo("cifar-10-batches-bin/data_batch_3.bin")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"

    assert refusal(build.tar(cifar_10(), extra=[link])).code == "link_refused"
    assert refusal(build.zip(cifar_10() | {"../data_batch_3.bin": b""})).code == "unsafe_name"


@pytest.mark.parametrize("name", ["data_batch_1.bin", "test_batch.bin"])
def test_a_file_that_vanishes_while_it_is_read_is_refused(build, read, monkeypatch, name):
    build.folder(cifar_10())
    room = reading.check_room

    def emptied(*arguments):
        (build.root / "data/cifar-10-batches-bin" / name).unlink(missing_ok=True)
        room(*arguments)

    monkeypatch.setattr(reading, "check_room", emptied)

    with pytest.raises(DataInvalid, match="cannot be read"):
        _ = read("data").test


def test_a_file_that_grows_while_it_is_read_is_refused(build, read, monkeypatch):
    build.folder(cifar_10())
    room = reading.check_room

    def grown(*arguments):
        file = build.root / "data/cifar-10-batches-bin/test_batch.bin"
        file.write_bytes(batch(4, 1))
        room(*arguments)

    monkeypatch.setattr(reading, "check_room", grown)

    with pytest.raises(DataInvalid, match="it now has 4 images, not 3"):
        _ = read("data").test


def test_two_of_them_are_refused(build, refusal):
    both = refusal(build.folder({**cifar_10(), **cifar_100()}))
    twice = {k.replace("cifar-10-batches-bin", "copy"): v for k, v in cifar_10().items()}

    assert both.code == "layout_conflict"
    assert "CIFAR-10 and like CIFAR-100" in both.message
    assert refusal(build.folder({**cifar_10(), **twice}, "two")).code == "layout_conflict"


def test_batches_that_do_not_fit_into_memory_are_refused(build, refusal):
    problem = refusal(build.folder(cifar_10()), limits=Limits(decoded_bytes=1000))

    assert problem.code == "data_too_large"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    share=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4),
    which=st.sampled_from(["data_batch_1.bin", "batches.meta.txt", "test_batch.bin"]),
)
def test_a_corrupted_copy_is_read_or_refused_and_never_crashes(build, read, share, flips, which):
    files = cifar_10()
    name = f"cifar-10-batches-bin/{which}"
    data = bytearray(files[name])
    for place, mask in flips:
        data[int(place * len(data))] ^= mask
    whole = len(data) if share > 0.5 else int(share * len(data))

    try:
        read(build.zip(files | {name: bytes(data[:whole])}))
    except DataInvalid as error:
        assert error.problems[0].hint
        assert error.problems[0].file or error.problems[0].code in {
            "empty_class",
            "class_too_small",
            "class_count_differs",
        }
