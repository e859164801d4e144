"""CUB-200-2011 is read by its lists, and refused by the one that does not fit."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kd_core.errors import DataInvalid

CLASSES = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "010.Red_winged_Blackbird")
LISTS = ("images.txt", "image_class_labels.txt", "classes.txt", "train_test_split.txt")


@pytest.fixture
def cub(images):
    """Four images of each class, the last of which is for testing."""
    paths = [f"{name}/{name[4:]}_{n:04}.jpg" for name in CLASSES for n in range(4)]
    lists = {
        "images.txt": [f"{n} {path}" for n, path in enumerate(paths, start=1)],
        "image_class_labels.txt": [f"{n + 1} {n // 4 + 1}" for n in range(12)],
        "classes.txt": [f"{n} {name}" for n, name in enumerate(CLASSES, start=1)],
        "train_test_split.txt": [f"{n + 1} {int(n % 4 != 3)}" for n in range(12)],
        "bounding_boxes.txt": ["1 60.0 27.0 325.0 304.0"],
    }
    files = {f"images/{path}": images.png(n, file_format="JPEG") for n, path in enumerate(paths)}
    files |= {name: ("\n".join(lines) + "\n").encode() for name, lines in lists.items()}
    return {f"CUB_200_2011/{name}": data for name, data in files.items()} | {"attributes.txt": b"1"}


def changed(files, name, old, new):
    path = f"CUB_200_2011/{name}"
    text = files[path].decode()
    assert old in text
    return files | {path: text.replace(old, new, 1).encode()}


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_the_lists_say_class_and_split(build, read, cub, pack):
    data = read(getattr(build, pack)(cub))

    assert CLASSES == data.class_names
    assert (6, 3, 3) == (len(data.train), len(data.validation), len(data.test))
    assert [0, 1, 2] == data.test.labels.tolist()
    assert data.test.names[0].endswith(
        "images/001.Black_footed_Albatross/Black_footed_Albatross_0003.jpg"
    )
    assert data.report.layout == "CUB-200-2011"
    assert data.warnings == ()


def test_without_the_split_there_is_no_test_split(build, read, cub):
    del cub["CUB_200_2011/train_test_split.txt"]

    data = read(build.folder(cub))

    assert data.test is None
    assert len(data.train) + len(data.validation) == 12


def test_an_image_that_no_list_names_is_ignored_and_said(build, read, cub, images):
    data = read(build.folder(cub | {"CUB_200_2011/images/extra.png": images.png(50)}))

    assert data.warnings == ("ignored, not listed (1): CUB_200_2011/images/extra.png",)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("images.txt", "1 001", "1001", "line 1 has 1 of 2 words"),
        ("images.txt", "2 001.", "1 001.", "line 2 names 1 once more"),
        ("images.txt", "001.Black_footed_Albatross/", "../../", "listed and not there (1)"),
        ("images.txt", "footed_Albatross_0001", "footed_Albatross_0000", "lists an image twice"),
        ("image_class_labels.txt", "12 3\n", "", "different: 12"),
        ("image_class_labels.txt", "12 3", "12 4", "mean nothing: 4"),
        ("train_test_split.txt", "12 0", "12 2", "mean nothing: 2"),
        ("classes.txt", "002.Laysan_Albatross", "001.Black_footed_Albatross", "stand twice"),
    ],
)
def test_a_damaged_list_is_refused_by_its_name(build, refusal, cub, name, old, new, says):
    files = changed(cub, name, old, new)

    problem = refusal(build.folder(files))

    assert says in problem.message
    assert f"CUB_200_2011/{name}" == problem.file


@pytest.mark.parametrize("name", ["images.txt", "classes.txt"])
def test_a_missing_list_is_named(build, refusal, cub, name):
    del cub[f"CUB_200_2011/{name}"]

    problem = refusal(build.zip(cub))

    assert problem.code == "file_missing"
    assert name in problem.message


def test_an_empty_list_is_refused(build, refusal, cub):
    assert refusal(build.zip(cub | {"CUB_200_2011/images.txt": b""})).code == "list_damaged"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(LISTS),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=3),
    share=st.floats(0, 2),
)
def test_a_corrupted_list_is_read_or_refused_and_never_crashes(
    build, read, cub, name, flips, share
):
    path = f"CUB_200_2011/{name}"
    data = bytearray(cub[path])
    for place, mask in flips:
        data[int(place * len(data))] ^= mask

    try:
        read(build.zip(cub | {path: bytes(data[: int(share * len(data))])}))
    except DataInvalid as error:
        assert error.problems[0].hint
