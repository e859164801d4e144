"""ImageNet and Tiny-ImageNet as they are published: validation images beside a list of labels."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kd_core.errors import DataInvalid

SYNSETS = ("n01440764", "n01443537", "n03995372")
OF_VAL = (2, 0, 1, 1, 2, 0)
VAL = tuple(f"ILSVRC2012_val_0000000{n + 1}" for n in range(6))


@pytest.fixture
def train(images):
    return {
        f"train/{synset}/{synset}_{n}.JPEG": images.png(10 * c + n, file_format="JPEG")
        for c, synset in enumerate(SYNSETS)
        for n in range(3)
    }


@pytest.fixture
def flat(images, train):
    return train | {
        f"val/{name}.JPEG": images.png(100 + n, file_format="JPEG") for n, name in enumerate(VAL)
    }


@pytest.fixture
def tiny(images):
    """Tiny-ImageNet's folders, boxes, lists and unlabelled test images."""
    files = {}
    for c, synset in enumerate(SYNSETS):
        files[f"train/{synset}/{synset}_boxes.txt"] = b"x.JPEG\t0\t62\t0\t44\n"
        for n in range(3):
            files[f"train/{synset}/images/{synset}_{n}.JPEG"] = images.png(10 * c + n, 64, 64)
    lines = [f"val_{n}.JPEG\t{SYNSETS[c]}\t0\t32\t44\t62" for n, c in enumerate(OF_VAL)]
    files |= {f"val/images/val_{n}.JPEG": images.png(100 + n, 64, 64) for n in range(6)}
    files |= {f"test/images/test_{n}.JPEG": images.png(200 + n, 64, 64) for n in range(2)}
    files |= {
        "val/val_annotations.txt": "\n".join(lines).encode(),
        "wnids.txt": "\n".join(reversed(SYNSETS)).encode(),
        "words.txt": b"n01440764\ttench, Tinca tinca\n",
    }
    return {f"tiny-imagenet-200/{name}": data for name, data in files.items()}


def by_name():
    return "\n".join(f"{name}.JPEG {SYNSETS[c]}" for name, c in zip(VAL, OF_VAL, strict=True))


def by_number():
    return "\n".join(f"val/{name}.JPEG {c}" for name, c in zip(VAL, OF_VAL, strict=True))


def in_order():
    return "\n".join(SYNSETS[c] for c in OF_VAL)


def of_kaggle():
    rows = [f"{name},{SYNSETS[c]} 85 1 499 272 " for name, c in zip(VAL, OF_VAL, strict=True)]
    return "\n".join(["ImageId,PredictionString", *reversed(rows)])


def test_a_folder_of_synsets_is_read_in_the_order_of_their_names(build, read, train, images):
    val = {f"val/{synset}/{n}.JPEG": images.png(50 + n) for n, synset in enumerate(SYNSETS)}

    data = read(build.folder(train | val))

    assert SYNSETS == data.class_names
    assert [0, 1, 2] == data.validation.labels.tolist()


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("val.txt", by_name()),
        ("val/val.txt", by_name()),
        ("val_map.txt", by_number()),
        ("LOC_val_solution.csv", of_kaggle()),
        ("imagenet_2012_validation_synset_labels.txt", in_order()),
    ],
)
@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_flat_validation_has_the_labels_of_its_list(build, read, flat, pack, name, lines):
    data = read(getattr(build, pack)(flat | {name: lines.encode()}))

    assert list(OF_VAL) == data.validation.labels.tolist()
    assert len(data.train) == 9
    assert data.report.layout == f"image folder with {name.split('/')[-1]}"
    assert data.warnings == ()


def test_kaggles_wrappers_are_looked_through(build, read, flat, images):
    files = {f"ILSVRC/Data/CLS-LOC/{name}": data for name, data in flat.items()}
    files |= {"ILSVRC/Data/CLS-LOC/test/ILSVRC2012_test_1.JPEG": images.png(300)}
    files |= {"LOC_val_solution.csv": of_kaggle().encode(), "LOC_synset_mapping.txt": b""}

    data = read(build.folder(files))

    assert list(OF_VAL) == data.validation.labels.tolist()
    assert data.test is None
    assert "outside of the labelled splits (1)" in data.warnings[0]


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_tiny_imagenet_is_read_as_published(build, read, tiny, pack):
    data = read(getattr(build, pack)(tiny))

    assert SYNSETS == data.class_names
    assert list(OF_VAL) == data.validation.labels.tolist()
    assert (9, 6) == (len(data.train), len(data.validation))
    assert data.report.layout == "image folder with val_annotations.txt"
    (warning,) = data.warnings
    assert "outside of the labelled splits (2): tiny-imagenet-200/test/images/" in warning


def test_validation_that_was_sorted_into_folders_needs_no_list(build, read, tiny):
    moved = {
        name.replace("val/images", f"val/{SYNSETS[OF_VAL[int(name[-6])]]}/images")
        if "val/images" in name
        else name: data
        for name, data in tiny.items()
    }

    assert sorted(OF_VAL) == sorted(read(build.folder(moved)).validation.labels.tolist())


def test_flat_validation_without_a_list_is_refused_with_the_way_out(build, refusal, flat):
    problem = refusal(build.folder(flat))

    assert (problem.code, problem.file) == ("image_without_class", "val/")
    assert "val.txt" in problem.hint


def test_flat_validation_may_be_unlabelled(build, read, flat):
    data = read(build.folder(flat), unlabelled=True)

    assert (9, 6) == (len(data.train), len(data.validation))


def test_the_devkits_numbers_are_refused_with_the_way_out(build, refusal, flat):
    name = "ILSVRC2012_validation_ground_truth.txt"

    problem = refusal(build.folder(flat | {name: b"490\n361\n171\n822\n297\n482\n"}))

    assert (problem.code, problem.file) == ("list_unreadable", name)
    assert "LOC_val_solution.csv" in problem.hint


def test_two_lists_are_refused(build, refusal, flat):
    files = flat | {"val.txt": by_name().encode(), "val_map.txt": by_name().encode()}

    assert refusal(build.folder(files)).code == "layout_conflict"


@pytest.mark.parametrize(
    ("lines", "code", "says"),
    [
        (by_name().replace(VAL[3], "ILSVRC2012_val_00000077"), "image_without_class", VAL[3]),
        (by_name() + "\nILSVRC2012_val_00000077.JPEG n01440764", "image_missing", "00000077"),
        (by_name().replace("n03995372", "n99999999"), "list_damaged", "line 1 names the class 'n9"),
        (by_number().replace(" 2", " 3"), "list_damaged", "line 1 names the class '3'"),
        (by_name().replace(" n01443537", "", 1), "list_damaged", "line 3 names no class"),
        (in_order() + "\nn01440764", "list_damaged", "7 classes for 6"),
        (in_order().replace("n01440764", "n1"), "list_damaged", "line 2 names the class 'n1'"),
        ("", "image_without_class", VAL[0]),
    ],
)
def test_a_damaged_list_is_refused_by_line(build, refusal, flat, lines, code, says):
    problem = refusal(build.folder(flat | {"val.txt": lines.encode()}))

    assert (code, "val.txt") == (problem.code, problem.file)
    assert says in problem.message


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.sampled_from([by_name(), by_number(), in_order(), of_kaggle()]),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=3),
    share=st.floats(0, 2),
)
def test_a_corrupted_list_is_read_or_refused_and_never_crashes(
    build, read, flat, lines, flips, share
):
    data = bytearray(lines.encode())
    for place, mask in flips:
        data[int(place * len(data))] ^= mask

    try:
        read(build.zip(flat | {"val.txt": bytes(data[: int(share * len(data))])}))
    except DataInvalid as error:
        assert error.problems[0].hint
