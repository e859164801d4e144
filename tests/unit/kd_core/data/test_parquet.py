"""Parquet as Hugging Face's library writes it: bytes of image files beside labels."""

import io
import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kd_core.data.limits import Limits
from kd_core.errors import DataInvalid, ExtraMissing

NUMBERS = pa.int64()
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
DECLARED = {
    "image": {"_type": "Image"},
    "label": {"names": ["zebra", "ant", "bee"], "_type": "ClassLabel"},
}


def written(rows, fields, features=None, **options):
    """The bytes of a Parquet file."""
    metadata = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    schema = pa.schema(fields, metadata=metadata if features is not None else None)
    table = pa.Table.from_pylist(rows, schema)
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


@pytest.fixture
def rows(images):
    def made(count=9, first=0, labels=(0, 1, 2)):
        return [
            {
                "image": {"bytes": images.png(first + n), "path": f"{n}.png"},
                "label": labels[n % len(labels)],
            }
            for n in range(count)
        ]

    return made


def image_rows(rows, features=DECLARED, label=NUMBERS, **options):
    return written(rows, [("image", IMAGE), ("label", label)], features, **options)


@pytest.fixture
def repository(rows):
    return {
        "data/train-00000-of-00002.parquet": image_rows(rows(6)),
        "data/train-00001-of-00002.parquet": image_rows(rows(6, 10), row_group_size=4),
        "data/test-00000-of-00001.parquet": image_rows(rows(3, 20)),
        "README.md": b"---",
    }


@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_a_repository_is_read_with_its_names_and_splits(build, read, repository, pack):
    data = read(getattr(build, pack)(repository))

    assert ("zebra", "ant", "bee") == data.class_names
    assert (9, 3, 3) == (len(data.train), len(data.validation), len(data.test))
    assert data.test.names[0] == "data/test-00000-of-00001.parquet[0]"
    assert [0, 1, 2] == data.test.labels.tolist()
    assert data.report.layout == "Parquet"
    assert data.warnings == ()


def test_pixels_are_those_of_the_image_files(build, read, repository, images):
    files = {f"test/{n}/{n}.png": images.png(20 + n) for n in range(3)}
    files |= {f"train/{n % 3}/{n}.png": images.png(n) for n in range(6)}

    in_parquet, in_folder = read(build.folder(repository)), read(build.folder(files, "files"))

    np.testing.assert_array_equal(in_folder.test.images, in_parquet.test.images)


def test_one_file_is_a_data_set(build, read, rows):
    data = read(build.file("digits.parquet", image_rows(rows())))

    assert (6, 3) == (len(data.train), len(data.validation))
    assert data.train.names[0].startswith("digits.parquet[")
    assert read(build.file("upload", image_rows(rows()))).digest == data.digest


def test_a_converted_branch_has_folders_for_splits(build, read, rows):
    files = {
        "default/train/0000.parquet": image_rows(rows(6)),
        "default/validation/0000.parquet": image_rows(rows(3, 10)),
    }

    data = read(build.folder(files))

    assert (6, 3) == (len(data.train), len(data.validation))


def test_cifar_100s_columns_are_told_apart(build, read, images):
    fields = [("img", IMAGE), ("fine_label", pa.int64()), ("coarse_label", pa.int64())]
    label = {"names": ["a", "b", "c"], "_type": "ClassLabel"}
    features = {"img": {"_type": "Image"}, "fine_label": label, "coarse_label": label}
    rows = [
        {"img": {"bytes": images.png(n), "path": None}, "fine_label": n % 3, "coarse_label": 0}
        for n in range(9)
    ]

    data = read(build.file("x.parquet", written(rows, fields, features)))

    assert np.bincount(data.train.labels).tolist() == [2, 2, 2]


@pytest.mark.parametrize(
    ("labels", "kind", "names"),
    [
        ((0, 1, 2), pa.int32(), ("0", "1", "2")),
        (("wolf", "fox", "lynx"), pa.string(), ("fox", "lynx", "wolf")),
        (("wolf", "fox"), pa.dictionary(pa.int8(), pa.string()), ("fox", "wolf")),
        ((False, True), pa.bool_(), ("0", "1")),
    ],
)
def test_labels_without_a_declaration_are_numbers_or_words(build, read, rows, labels, kind, names):
    data = read(build.file("x.parquet", image_rows(rows(12, labels=labels), None, kind)))

    assert names == data.class_names


def test_images_may_be_a_column_of_bytes(build, read, images):
    rows = [{"image": images.png(n), "label": n % 2} for n in range(8)]
    data = written(rows, [("image", pa.large_binary()), ("label", pa.uint8())])

    assert len(read(build.file("x.parquet", data)).train) == 6


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd"])
def test_every_usual_compression_is_read(build, read, rows, compression):
    data = image_rows(rows(), compression=compression)

    assert len(read(build.file("x.parquet", data)).train) == 6


def test_a_test_split_without_labels_is_ignored_and_said(build, read, repository, rows):
    name = "data/test-00000-of-00001.parquet"

    data = read(build.folder(repository | {name: image_rows(rows(3, 20, labels=(-1,)))}))

    assert data.test is None
    assert data.warnings == (f"ignored, a test split without labels (1): {name}",)


def test_rows_without_labels_are_unlabelled_data(build, read, refusal, images):
    rows = [{"image": {"bytes": images.png(n), "path": None}} for n in range(6)]
    name = build.file("x.parquet", written(rows, [("image", IMAGE)]))

    assert refusal(name).code == "data_has_no_labels"
    assert read(name, unlabelled=True).train.labels is None


def test_images_beside_the_rows_are_ignored_and_said(build, read, repository, images):
    data = read(build.folder(repository | {"assets/preview.png": images.png()}))

    assert "(1): assets/preview.png" in data.warnings[0]


def test_a_damaged_image_is_named_by_its_row(build, refusal, read, rows):
    many = rows(30)
    many[4]["image"]["bytes"] = b"no image"
    many[7]["image"] = None
    name = build.file("x.parquet", image_rows(many))

    data = read(name, Limits(damaged_share=0.1))

    assert (("x.parquet[4]",), ("x.parquet[7]",)) == data.report.damaged.examples
    assert refusal(name).file in {"x.parquet[4]", "x.parquet[7]"}


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"label": 3}, "file_damaged", "row 2 has the label 3, and there are 3 classes"),
        ({"label": -1}, "file_damaged", "row 2 has the label -1"),
        ({"label": None}, "file_damaged", "row 2 has the label -1"),
        ({"image": {"bytes": None, "path": "a.png"}}, "image_not_embedded", "'a.png'"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(build, refusal, rows, change, code, says):
    made = rows()
    made[2] |= change

    problem = refusal(build.file("x.parquet", image_rows(made)))

    assert (code, "x.parquet") == (problem.code, problem.file)
    assert says in problem.message


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ([("picture", pa.string())], "no column holds images; the columns: picture"),
        ([("image", pa.string())], "no column holds images"),
        ([("image", pa.struct([("bytes", pa.null()), ("path", pa.string())]))], "no column"),
        ([("a", IMAGE), ("b", IMAGE)], "2 columns hold images (a, b)"),
    ],
)
def test_a_file_without_images_is_refused_with_its_columns(build, refusal, fields, says):
    problem = refusal(build.file("x.parquet", written([{}] * 3, fields)))

    assert problem.code == "image_column_missing"
    assert says in problem.message


@pytest.mark.parametrize(
    ("labels", "kind", "says"),
    [
        ((0.5, 1.5), pa.float32(), "row 0 has the label '0.5'"),
        (("cat", ""), pa.string(), "row 1 has the label ''"),
        ((0, 2**63), pa.uint64(), "it has the label 9223372036854775808"),
    ],
)
def test_labels_that_are_no_classes_are_refused(build, refusal, rows, labels, kind, says):
    problem = refusal(build.file("x.parquet", image_rows(rows(8, labels=labels), None, kind)))

    assert (problem.code, problem.file) == ("file_damaged", "x.parquet")
    assert says in problem.message


def test_two_columns_of_labels_without_a_usual_name_are_refused(build, refusal):
    label = {"names": ["a", "b"], "_type": "ClassLabel"}
    fields = [("image", IMAGE), ("colour", NUMBERS), ("shape", NUMBERS)]
    features = {"image": {"_type": "Image"}, "colour": label, "shape": label}

    problem = refusal(build.file("x.parquet", written([{}] * 3, fields, features)))

    assert problem.code == "label_column_unclear"
    assert "colour, shape" in problem.message


def test_a_test_split_without_the_column_of_labels_is_ignored(build, read, repository, images):
    rows = [{"image": {"bytes": images.png(50), "path": None}}]
    name = "data/test-00000-of-00001.parquet"

    data = read(build.folder(repository | {name: written(rows, [("image", IMAGE)])}))

    assert data.test is None


def test_files_that_declare_other_classes_are_refused(build, refusal, repository, rows):
    other = {**DECLARED, "label": {"names": ["x", "y", "z"], "_type": "ClassLabel"}}
    files = repository | {"data/train-00001-of-00002.parquet": image_rows(rows(6, 10), other)}

    problem = refusal(build.folder(files))

    assert (problem.code, problem.file) == ("columns_differ", "data/train-00001-of-00002.parquet")


@pytest.mark.parametrize(
    "name", ["plain_text/train-0.parquet", "data/extra.parquet", "data/train-test.parquet"]
)
def test_files_that_do_not_go_together_are_refused(build, refusal, repository, rows, name):
    problem = refusal(build.folder(repository | {name: image_rows(rows())}))

    assert problem.code in {"layout_conflict", "split_conflict"}


def test_only_a_test_split_is_refused(build, refusal, rows):
    files = {"a/test-0.parquet": image_rows(rows()), "a/val-0.parquet": image_rows(rows())}

    assert refusal(build.folder(files)).code == "split_conflict"


@pytest.mark.parametrize(
    "noted", [b"not json", b"[]", b'{"info": 3}', b'{"info": {"features": {"image": 1}}}']
)
def test_a_note_that_makes_no_sense_is_not_believed(build, read, rows, noted):
    schema = pa.schema([("image", IMAGE), ("label", pa.int64())], {b"huggingface": noted})
    pq.write_table(pa.Table.from_pylist(rows(), schema), build.root / "x.parquet")

    assert ("0", "1", "2") == read("x.parquet").class_names


def test_more_rows_than_fit_are_refused(build, refusal, rows):
    name = build.file("x.parquet", image_rows(rows()))

    assert refusal(name, limits=Limits(samples=8)).code == "file_damaged"
    assert refusal(name, limits=Limits(decoded_bytes=100)).code == "data_too_large"


def test_a_bomb_is_refused(build, refusal):
    rows = [{"image": bytes(9_000_000), "label": n} for n in range(2)]
    fields = [("image", pa.binary()), ("label", pa.int64())]
    data = written(rows, fields, compression="zstd", use_dictionary=False)

    assert refusal(build.file("x.parquet", data)).code == "compression_bomb"


def test_an_image_larger_than_a_file_may_be_is_refused(build, refusal, rows):
    name = build.file("x.parquet", image_rows(rows()))

    assert refusal(name, limits=Limits(member_bytes=100)).code == "file_too_large"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_file_is_refused_by_name(build, refusal, rows, share):
    whole = image_rows(rows())

    problem = refusal(build.file("x.parquet", whole[: int(share * len(whole))]))

    assert (problem.code, problem.file) == ("file_damaged", "x.parquet")


def test_without_pyarrow_the_way_out_is_an_install_command(build, read, rows, monkeypatch):
    name = build.file("x.parquet", image_rows(rows()))
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(ExtraMissing, match=r"stillhouse\[parquet\]"):
        read(name)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1),
    late=st.booleans(),
    compression=st.sampled_from(["none", "snappy", "zstd"]),
)
def test_a_corrupted_file_is_read_or_refused_and_never_crashes(
    build, read, rows, flips, late, compression
):
    data = bytearray(image_rows(rows(), compression=compression))
    footer = min(len(data), 1500)
    for place, mask in flips:
        start, reach = (len(data) - footer, footer) if late else (0, len(data))
        data[start + int(place * reach)] ^= mask
    build.file("x.parquet", bytes(data))

    try:
        read("x.parquet")
    except DataInvalid as error:
        assert error.problems[0].hint
