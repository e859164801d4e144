"""A table says what the images beside it are."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kd_core.data.limits import Limits
from kd_core.errors import DataInvalid


@pytest.fixture
def table(images):
    """A flat folder of images, and the text of a table that labels them in turn."""

    def tabled(*labels, header="file_name,label", name="labels.csv", rows=None):
        files = {f"images/{n}.png": images.png(n) for n in range(len(labels))}
        rows = rows or [f"images/{n}.png,{label}" for n, label in enumerate(labels)]
        return files | {name: "\n".join([header, *rows]).encode()}

    return tabled


PETS = ("dog", "cat") * 4


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_labels_come_from_the_table(build, read, table, pack):
    data = read(getattr(build, pack)(table(*PETS)))

    assert ("cat", "dog") == data.class_names
    assert (6, 2) == (len(data.train), len(data.validation))
    for name, label in zip(data.train.names, data.train.labels, strict=True):
        assert PETS[int(name[7:-4])] == data.class_names[label]
    assert data.report.layout == "images with a table"
    assert data.warnings == ()


@pytest.mark.parametrize(
    ("header", "name"),
    [("Path,Class", "a.csv"), ("image,category", "train.csv"), ('"img","target"', "data.CSV")],
)
def test_columns_are_known_by_usual_titles(build, read, table, header, name):
    assert ("cat", "dog") == read(build.folder(table(*PETS, header=header, name=name))).class_names


@pytest.mark.parametrize(("mark", "name"), [("\t", "a.tsv"), (";", "a.csv"), ("\t", "a.csv")])
def test_columns_may_be_told_apart_by_other_marks(build, read, table, mark, name):
    files = table(*PETS, name=name)
    files[name] = b"\xef\xbb\xbf" + files[name].replace(b",", mark.encode())

    assert len(read(build.folder(files)).class_names) == 2


def test_quoted_names_and_other_columns_are_read(build, read, table):
    rows = [f'x,"images/{n}.png","{label}, really",{n}' for n, label in enumerate(PETS)]

    data = read(build.folder(table(*PETS, header="note,file,label,n", rows=rows)))

    assert ("cat, really", "dog, really") == data.class_names


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (("0", "1") * 4, ("0", "1")),
        (("7", "10") * 4, ("7", "10")),
        (("10", "b", "9", "a") * 2, ("9", "10", "a", "b")),
    ],
)
def test_numbers_are_in_the_order_of_their_values(build, read, table, labels, names):
    data = read(build.folder(table(*labels)))

    assert names == data.class_names


def test_numbers_from_zero_may_be_named_by_the_document(build, read, table):
    data = read(build.folder(table(*("0", "1") * 4)), class_names=("no", "yes"))

    assert ("no", "yes") == data.class_names


def test_a_column_brings_the_splits(build, read, table):
    splits = ("train", "train", "TRAINING", "train", "val", "dev", "test", "test")
    rows = [f"images/{n}.png,{label},{splits[n]}" for n, label in enumerate(PETS)]

    data = read(build.folder(table(*PETS, header="file,label,split", rows=rows)))

    assert (4, 2, 2) == (len(data.train), len(data.validation), len(data.test))
    assert ("images/6.png", "images/7.png") == data.test.names


def test_a_table_for_each_split_brings_the_splits(build, read, images):
    files = {f"{n}.png": images.png(n) for n in range(8)}
    for name, rows in (("train", range(4)), ("valid", (4, 5)), ("test", (6, 7))):
        lines = ["file,label", *(f"{n}.png,{PETS[n]}" for n in rows)]
        files[f"{name}.csv"] = "\n".join(lines).encode()

    data = read(build.folder(files))

    assert (4, 2, 2) == (len(data.train), len(data.validation), len(data.test))


def test_a_table_inside_of_each_split_is_read(build, read, images):
    files = {}
    for split, rows in (("train", range(4)), ("test", (4, 5))):
        files |= {f"birds/{split}/{n}.png": images.png(n) for n in rows}
        lines = ["file_name,label", *(f"{n}.png,{PETS[n]}" for n in rows)]
        files[f"birds/{split}/metadata.csv"] = "\n".join(lines).encode()

    data = read(build.zip(files))

    assert (2, 2, 2) == (len(data.train), len(data.validation), len(data.test))


def test_the_end_of_a_path_is_enough_when_it_is_one_images(build, read, refusal, table, images):
    files = table(*PETS)
    files["labels.csv"] = files["labels.csv"].replace(b"images/", b"")
    twice = {**files, "more/3.png": images.png(99)}

    assert len(read(build.folder(files)).class_names) == 2
    assert "images/3.png, more/3.png" in refusal(build.folder(twice, "twice")).message


def test_the_same_table_may_be_read_without_its_labels(build, read, table):
    assert read(build.folder(table(*PETS)), unlabelled=True).train.labels is None


def test_images_that_no_table_names_are_ignored_and_said(build, read, table, images):
    files = table(*PETS) | {"images/x.png": images.png(50), "notes.txt": b"", "prices.csv": b"a,b"}

    data = read(build.folder(files))

    assert "ignored, not images (2): notes.txt, prices.csv" in data.warnings
    assert "ignored, in no table (1): images/x.png" in data.warnings


@pytest.mark.parametrize("text", [b"", b"a,b\n1,2", b"\xff\xfe\x00", b"file_name\n0.png"])
def test_a_table_of_something_else_leaves_an_image_folder_as_it_was(build, read, images, text):
    data = read(build.folder({**images.pets(), "prices.csv": text}))

    assert ("cats", "dogs") == data.class_names
    assert "prices.csv" in data.warnings[0]


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        (
            "images/3.png",
            "images/33.png",
            "image_missing",
            "line 5 names an image that is not there",
        ),
        ("images/3.png", "../../etc/passwd", "image_missing", "passwd"),
        ("images/3.png", "images/2.png", "table_damaged", "so does line 4"),
        ("images/3.png,cat", "images/3.png", "table_damaged", "line 5 has 1 of 2 columns"),
        ("images/3.png,cat", "images/3.png,", "table_damaged", "no label"),
        ("images/3.png,cat", "images/3.png,\x1b[2J", "table_damaged", "no label"),
        ("images/3.png,cat", 'images/3.png,"cat', "table_damaged", "cannot be read"),
        ("images/3.png,cat", "images/3.png,\udce4", "text_damaged", "UTF-8"),
        ("file_name,label", "file_name,path,label", "table_unclear", "file_name and path"),
    ],
)
def test_a_damaged_table_is_refused_by_line(build, refusal, table, old, new, code, says):
    files = table(*PETS)
    text = files["labels.csv"].decode().replace(old, new, 1)

    problem = refusal(build.folder(files | {"labels.csv": text.encode(errors="surrogateescape")}))

    assert (code, "labels.csv") == (problem.code, problem.file)
    assert says in problem.message


def test_a_table_without_rows_is_refused(build, refusal, table):
    assert "no row" in refusal(build.folder(table(*PETS) | {"labels.csv": b"file,label"})).message


def test_an_unknown_split_is_refused(build, refusal, table):
    rows = [f"images/{n}.png,{label},fold{n}" for n, label in enumerate(PETS)]

    problem = refusal(build.folder(table(*PETS, header="file,label,split", rows=rows)))

    assert "line 2 has the split 'fold0'" in problem.message


@pytest.mark.parametrize("name", ["more.csv", "train_2.csv", "val.csv"])
def test_tables_that_do_not_go_together_are_refused(build, refusal, table, name):
    files = table(*PETS, name="train.csv")
    files |= {name: files["train.csv"]} | ({} if name != "val.csv" else {"dev.csv": b"file,label"})

    assert refusal(build.folder(files)).code in {"layout_conflict", "split_conflict"}


def test_two_tables_of_which_one_has_splits_are_refused(build, refusal, table):
    files = table(*PETS, name="train.csv")
    files["val.csv"] = b"file,label,split\nimages/0.png,cat,val"

    assert refusal(build.folder(files)).code == "layout_conflict"


def test_a_table_larger_than_a_table_may_be_is_refused(build, refusal, table):
    problem = refusal(build.folder(table(*PETS)), limits=Limits(text_bytes=20))

    assert (problem.code, problem.file) == ("file_too_large", "labels.csv")


def test_a_table_beside_folders_of_splits_must_say_them_too(build, refusal, images):
    files = {**images.pets(2, "train/"), **images.pets(2, "val/", 9)}
    rows = "\n".join(["file,label", *(f"{name},x" for name in files)])

    problem = refusal(build.folder(files | {"index.csv": rows.encode()}))

    assert (problem.code, problem.file) == ("split_conflict", "index.csv")


def test_a_damaged_image_of_a_table_is_refused_by_name(build, refusal, table):
    problem = refusal(build.zip(table(*PETS) | {"images/3.png": b"no image"}))

    assert (problem.code, problem.file) == ("image_damaged", "images/3.png")


def test_a_table_alone_is_refused_with_the_way_out(build, refusal):
    problem = refusal(build.file("labels.csv", b"file,label\n0.png,a"))

    assert "name the folder" in problem.hint


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=3),
    share=st.floats(0, 2),
)
def test_a_corrupted_table_is_read_or_refused_and_never_crashes(build, read, table, flips, share):
    files = table(*PETS)
    data = bytearray(files["labels.csv"])
    for place, mask in flips:
        data[int(place * len(data))] ^= mask

    try:
        read(build.zip(files | {"labels.csv": bytes(data[: int(share * len(data))])}))
    except DataInvalid as error:
        assert error.problems[0].hint
