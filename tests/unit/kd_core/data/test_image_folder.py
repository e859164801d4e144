"""Folders are classes; what is odd about them is said by name."""

import os

import numpy as np
import pytest

from kd_core.data import reading
from kd_core.data.file_tree import Folder
from kd_core.data.limits import LIMITS, Limits
from kd_core.errors import DataInvalid


def test_classes_are_the_sorted_folder_names(build, read, images):
    data = read(build.folder(images.pets()))

    assert data.class_names == ("cats", "dogs")
    assert (data.train.labels[0], data.train.labels[-1]) == (0, 1)
    assert all(
        name.startswith(data.class_names[label])
        for name, label in zip(data.train.names, data.train.labels, strict=True)
    )


def test_images_may_lie_deeper_than_their_class(build, read, images):
    files = {f"{name[:4]}/2024/{name[5:]}": data for name, data in images.pets().items()}

    assert read(build.folder(files)).class_names == ("cats", "dogs")


@pytest.mark.parametrize("validation", ["val", "valid", "validation", "Val"])
def test_a_folder_brings_its_own_split(build, read, images, validation):
    files = {**images.pets(3, "train/"), **images.pets(2, f"{validation}/")}

    data = read(build.folder(files))

    assert (len(data.train), len(data.validation)) == (6, 4)
    assert all(name.startswith(f"{validation}/") for name in data.validation.names)
    assert list(range(10)) == sorted([*data.train.index, *data.validation.index])


def test_one_wrapping_folder_is_looked_through(build, read, images):
    wrapped = read(build.folder({f"pets/{k}": v for k, v in images.pets().items()}, "wrapped"))
    split = read(
        build.folder({**images.pets(2, "pets/train/"), **images.pets(1, "pets/val/")}, "split")
    )

    assert ("cats", "dogs") == wrapped.class_names == split.class_names
    assert "pets/cats/0.png" in (*wrapped.train.names, *wrapped.validation.names)
    assert len(split.validation) == 2


def test_what_systems_leave_behind_is_ignored_silently(build, read, images):
    litter = [
        ".DS_Store", ".git/config", "cats/._0.png", "__MACOSX/cats/._0.png",
        "dogs/Thumbs.db", "Desktop.ini", ".ipynb_checkpoints/0.png",
    ]  # fmt: skip
    files = {**images.pets(), **dict.fromkeys(litter, b"litter")}

    for data in (read(build.folder(files)), read(build.zip(files)), read(build.tar(files))):
        assert data.warnings == ()
        assert data.class_names == ("cats", "dogs")


def test_other_files_are_ignored_with_one_warning(build, read, images):
    files = {**images.pets(), **{f"cats/{n}.txt": b"" for n in range(7)}, "LICENSE": b""}

    (warning,) = read(build.folder(files)).warnings

    assert "(8)" in warning
    assert "LICENSE" in warning
    assert "and 3 more" in warning


def test_a_test_split_stands_apart(build, read, images):
    files = {
        **images.pets(2, "train/"), **images.pets(1, "val/", 4), **images.pets(1, "test/", 6),
    }  # fmt: skip

    data = read(build.folder(files))

    assert (4, 2, 2) == (len(data.train), len(data.validation), len(data.test))
    assert ("test/cats/0.png", "test/dogs/0.png") == data.test.names
    assert [0, 1] == data.test.labels.tolist()
    assert () == data.warnings


def test_validation_is_drawn_from_training_when_there_is_only_a_test_split(build, read, images):
    files = {**images.pets(5, "train/"), **images.pets(2, "test/", 10)}

    data = read(build.folder(files), split={"validation": 0.4})

    assert (6, 4, 4) == (len(data.train), len(data.validation), len(data.test))
    assert all(name.startswith("train/") for name in (*data.train.names, *data.validation.names))


def test_a_test_split_without_labels_is_left_alone_and_said(build, read, images):
    files = {**images.pets(4, "train/"), "test/0.png": images.png(8), "test/1.png": images.png(9)}

    data = read(build.folder(files))

    assert data.test is None
    assert "outside of the labelled splits (2): test/0.png" in data.warnings[0]


def test_a_class_that_is_only_tested_is_refused(build, refusal, images):
    files = {**images.pets(2, "train/"), **images.pets(1, "test/"), "test/bird/1.png": b""}

    problem = refusal(build.folder(files))

    assert problem.code == "class_sets_differ"
    assert "only there: bird" in problem.message


def test_a_class_that_is_never_tested_is_said(build, read, images):
    files = {**images.pets(4, "train/"), "test/cats/0.png": images.png(20)}

    data = read(build.folder(files))

    assert data.warnings == ("classes without an image in the test split: dogs",)


def test_the_digest_is_of_what_is_trained_on_and_not_of_the_test_split(build, read, images):
    without = images.pets(4, "train/")
    digests = {
        read(build.folder({**without, **images.pets(1, "test/", seed)}, f"d{seed}")).digest
        for seed in (10, 11)
    }

    assert len(digests) == 1


def test_splits_are_found_under_several_wrappers(build, read, images):
    files = {**images.pets(2, "a/b/c/train/"), **images.pets(1, "a/b/c/val/", 4)}

    assert len(read(build.folder({**files, "a/LICENSE": b""})).validation) == 2


@pytest.mark.parametrize("splits", [("val/", "test/"), ("train/", "val/", "valid/")])
def test_half_a_split_does_not_become_classes(build, refusal, images, splits):
    files = {name: data for split in splits for name, data in images.pets(1, split).items()}

    assert refusal(build.folder(files)).code == "split_conflict"


def test_classes_that_differ_between_the_splits_are_listed(build, refusal, images):
    files = {**images.pets(2, "train/"), **images.pets(2, "val/")}
    files = {name.replace("val/dogs", "val/dog"): data for name, data in files.items()}

    problem = refusal(build.folder(files))

    assert problem.code == "class_sets_differ"
    assert "missing there: dogs; only there: dog" in problem.message


def test_an_empty_class_folder_is_refused(build, refusal, images):
    build.folder(images.pets())
    (build.root / "data" / "birds").mkdir()

    problem = refusal("data")

    assert (problem.code, problem.file) == ("empty_class", "birds")


def test_a_class_of_other_files_only_is_refused(build, refusal, images):
    name = build.zip({**images.pets(), "birds/notes.txt": b"none yet"})

    assert (refusal(name).code, refusal(name).file) == ("empty_class", "birds")


def test_one_class_is_refused(build, refusal, images):
    name = build.folder({f"cats/{n}.png": images.png(n) for n in range(4)})

    assert refusal(name).code == "one_class"


def test_a_folder_without_an_image_is_refused(build, refusal):
    assert refusal(build.folder({"cats/readme.txt": b""})).code == "no_images"


def test_an_image_outside_of_the_classes_is_refused(build, refusal, images):
    problem = refusal(build.folder({**images.pets(), "preview.png": images.png()}))

    assert (problem.code, problem.file) == ("image_without_class", "preview.png")


def test_a_flat_folder_has_no_labels(build, refusal, images):
    problem = refusal(build.folder({f"{n}.png": images.png(n) for n in range(4)}))

    assert (problem.code, problem.pointer) == ("data_has_no_labels", "/data/dataset")
    assert "data.unlabelled: true" in problem.hint


def test_unlabelled_images_may_lie_anywhere(build, read, images):
    files = {"0.png": images.png(), "a/1.png": images.png(1), "a/b/c/2.png": images.png(2)}

    data = read(build.folder(files), unlabelled=True)

    assert data.train.labels is None
    assert data.class_names is None
    assert (len(data.train), len(data.validation)) == (2, 1)


def test_labelled_data_read_unlabelled_drops_its_labels(build, read, images):
    files = {**images.pets(2, "train/"), **images.pets(1, "val/")}

    data = read(build.folder(files), unlabelled=True, class_names=("cat", "dog"))

    assert data.validation.labels is None
    assert (len(data.train), len(data.validation)) == (4, 2)
    assert data.class_names == ("cat", "dog")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_format_is_read(build, read, images, file_format):
    suffix = {"JPEG": "JpG", "TIFF": "tif"}.get(file_format, file_format.lower())
    files = {
        f"{kind}/{n}.{suffix}": images.png(n, file_format=file_format)
        for kind in "ab"
        for n in range(2)
    }

    data = read(build.folder(files))

    assert data.train.images.shape == (2, 8, 8, 3)
    assert np.uint8 == data.train.images.dtype


def test_a_damaged_image_is_refused_by_name(build, refusal, images):
    problem = refusal(build.zip({**images.pets(), "dogs/bad.png": images.png()[:200]}))

    assert (problem.code, problem.file) == ("image_damaged", "dogs/bad.png")


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "../outside.png", "cats", "nowhere.png"])
def test_a_link_is_refused_unless_it_stays_with_a_file(build, refusal, images, target):
    build.file("outside.png", images.png())
    build.folder(images.pets())
    (build.root / "data" / "link.png").symlink_to(target)

    problem = refusal("data")

    assert (problem.code, problem.file) == ("link_refused", "link.png")


def test_a_link_in_circles_is_refused(build, refusal, images):
    build.folder(images.pets())
    (build.root / "data" / "cats" / "x.png").symlink_to("x.png")

    assert refusal("data").code == "link_refused"


def test_a_link_to_a_file_of_the_folder_is_read(build, read, images):
    build.folder(images.pets())
    (build.root / "data" / "cats" / "9.png").symlink_to("0.png")

    data = read("data")

    assert "cats/9.png" in (*data.train.names, *data.validation.names)


def test_a_pipe_is_refused_and_not_opened(build, refusal, images):
    build.folder(images.pets())
    os.mkfifo(build.root / "data" / "cats" / "pipe.png")

    assert refusal("data").code == "special_file"


def test_a_name_that_is_not_text_is_refused(build, refusal, images):
    build.folder({**images.pets(), "cats/\udcff.png": images.png()})

    assert refusal("data").code == "unsafe_name"


def test_a_file_larger_than_an_image_may_be_is_refused(build, refusal, images):
    problem = refusal(build.folder(images.pets()), limits=Limits(member_bytes=100))

    assert problem.code == "file_too_large"


def test_a_file_that_vanishes_while_it_is_read_is_refused(build, images):
    build.folder(images.pets())
    tree = Folder(build.root / "data", LIMITS)
    (build.root / "data" / "cats" / "0.png").unlink()

    with pytest.raises(DataInvalid, match="cannot be read"):
        list(tree.contents(tree.files))


def test_an_archive_that_changes_while_it_is_read_is_refused(build, read, images, monkeypatch):
    """Another tar takes its place between the listing and the decoding."""
    build.tar(images.pets(4))
    room = reading.check_room

    def swapped(*arguments):
        build.tar(images.pets(3))
        room(*arguments)

    monkeypatch.setattr(reading, "check_room", swapped)

    with pytest.raises(DataInvalid, match="another one than when it was listed"):
        read("data.tar")
