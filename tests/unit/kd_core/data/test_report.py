"""What a data set is made of is counted, and what spoils it is named."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from kd_core.data.limits import Limits
from kd_core.data.report import MOST_CLASSES, DataReport, Found

HALF = Limits(damaged_share=0.5)


@pytest.fixture
def report(build, read):
    def report_of(files, **section):
        return read(build.folder(files), **section).report

    return report_of


def again(data, file_format, **options):
    """The same pixels in another file."""
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).save(buffer, file_format, **options)
    return buffer.getvalue()


def test_samples_and_classes_are_counted_for_each_split(report, images):
    files = {
        **images.pets(3, "train/"), "train/cats/9.png": images.png(9),
        **images.pets(2, "val/", 20), **images.pets(1, "test/", 30),
    }  # fmt: skip

    found = report(files)

    assert {"train": 7, "validation": 4, "test": 2} == found.samples
    assert {"train": (4, 3), "validation": (2, 2), "test": (1, 1)} == found.class_counts
    assert found.layout == "image folder"


def test_sizes_are_those_of_the_stored_images(report, images):
    files = images.pets() | {
        "cats/9.png": images.png(9, 40, 50),
        "dogs/9.png": images.png(10, 3, 4),
    }

    found = report(files)

    assert (3, 12, 40) == (found.width.min, found.width.median, found.width.max)
    assert (4, 10, 50) == (found.height.min, found.height.median, found.height.max)


def test_unlabelled_data_has_no_class_counts(report, images):
    found = report(images.pets(), unlabelled=True)

    assert found.class_counts is None
    assert found.label_conflicts.count == 0


def test_the_same_pixels_in_other_files_are_duplicates(report, images):
    photo = images.png(99)
    copies = {
        "cats/b.bmp": again(photo, "BMP"),
        "cats/c.png": again(photo, "PNG", compress_level=1),
        "cats/d.tif": again(photo, "TIFF"),
    }

    found = report(images.pets() | {"cats/a.png": photo} | copies).duplicates

    assert Found(count=3, examples=(("cats/a.png", *copies),)) == found


def test_images_that_only_look_alike_when_small_are_no_duplicates(report, images):
    wide, cut = (Image.new("RGB", (size, size), "red") for size in (64, 32))
    files = images.pets()
    for name, image in (("cats/wide.png", wide), ("cats/cut.png", cut)):
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        files[name] = buffer.getvalue()

    assert report(files).duplicates.count == 0


def test_what_is_held_out_and_also_trained_on_is_a_leak(build, read, images):
    train = images.pets(3, "train/")
    files = {
        **train, **images.pets(2, "val/", 20), **images.pets(2, "test/", 30),
        "val/cats/7.png": train["train/cats/0.png"], "test/dogs/8.png": train["train/dogs/1.png"],
        "test/dogs/9.png": images.png(20),
    }  # fmt: skip

    data = read(build.folder(files))

    leaks = data.report.leaks
    assert Found(count=1, examples=(("val/cats/7.png", "train/cats/0.png"),)) == leaks["validation"]
    assert Found(count=1, examples=(("test/dogs/8.png", "train/dogs/1.png"),)) == leaks["test"]
    of_validation, of_test, *_ = data.report.warnings()
    assert "the validation split says less than it seems (1): val/cats/7.png" in of_validation
    assert "the test split says less than it seems (1): test/dogs/8.png" in of_test
    assert (of_validation,) == data.warnings


def test_one_image_under_two_labels_is_said(build, read, images):
    data = read(build.folder(images.pets(8) | {"dogs/x.png": images.png(0)}))

    assert Found(count=1, examples=(("cats/0.png", "dogs/x.png"),)) == data.report.label_conflicts
    assert "the same image has two labels (1): cats/0.png = dogs/x.png" in data.warnings[-1]


def test_copies_within_the_training_split_are_no_warning(build, read, images):
    files = {**images.pets(2, "train/"), **images.pets(1, "val/", 9)}

    data = read(build.folder(files | {"train/cats/2.png": files["train/cats/0.png"]}))

    assert data.report.duplicates.count == 1
    assert data.warnings == ()


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_a_few_damaged_images_are_left_out_by_name(build, read, images, pack):
    files = images.pets(6) | {"cats/bad.png": images.png(9)[:100], "dogs/bad.png": b"no image"}
    whole = read(build.folder(images.pets(6), "whole"))

    data = read(getattr(build, pack)(files), HALF)

    assert Found(count=2, examples=(("cats/bad.png",), ("dogs/bad.png",))) == data.report.damaged
    assert "left out, cannot be decoded (2): cats/bad.png, dogs/bad.png" in data.warnings
    assert len(whole.train) + len(whole.validation) == len(data.train) + len(data.validation)
    pixels = dict(zip(whole.train.names, whole.train.images, strict=True))
    pixels |= zip(whole.validation.names, whole.validation.images, strict=True)
    for side in (data.train, data.validation):
        for name, image in zip(side.names, side.images, strict=True):
            np.testing.assert_array_equal(pixels[name], image)


def test_more_damaged_images_than_the_limit_refuse_the_set(build, refusal, images):
    files = images.pets(50) | {f"cats/x{n}.png": b"" for n in range(3)}

    problem = refusal(build.zip(files), limits=Limits(damaged_share=0.02))

    assert problem.code == "images_damaged"
    assert problem.file.startswith("cats/x")
    assert "more than 2% of 103 images cannot be decoded: cats/x" in problem.message


def test_a_class_of_damaged_images_only_is_refused(build, refusal, images):
    files = images.pets(5) | {"birds/0.png": b"", "birds/1.png": b""}

    problem = refusal(build.folder(files), limits=HALF)

    assert problem.code == "empty_class"
    assert "birds" in problem.message


def test_the_split_of_the_others_does_not_move_when_an_image_is_damaged(build, read, images):
    files = images.pets(10)
    whole = read(build.folder(files, "whole"))
    out = next(name for name in whole.train.names if name.startswith("cats"))

    damaged = read(build.folder(files | {out: b""}, "damaged"), HALF)

    assert whole.validation.names == damaged.validation.names
    assert [name for name in whole.train.names if name != out] == list(damaged.train.names)


def test_a_report_stays_small_however_large_the_set(build, read):
    count = MOST_CLASSES + 50
    pixels = np.zeros((2 * count, 8, 8), np.uint8)
    labels = np.arange(2 * count) % count

    report = read(build.npz(images=pixels, labels=labels)).report

    assert (50, MOST_CLASSES) == (report.classes_left_out, len(report.class_counts["train"]))
    assert 2 * count - 1 == report.duplicates.count
    assert len(json.dumps(report.model_dump(mode="json"))) < 20_000


def test_a_report_can_be_read_back(build, read, images):
    report = read(build.folder(images.pets())).report

    assert DataReport.model_validate_json(report.model_dump_json()) == report
