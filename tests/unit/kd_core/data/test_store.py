"""Images are decoded once, kept in a file that is believed only when it is whole, and given up
when there is no room.
"""

import fcntl
import os
import resource
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from kd_core.data import DecodedStore, reading
from kd_core.data.decoded import Decoder
from kd_core.data.images import Mapped, Streamed
from kd_core.data.limits import LIMITS
from kd_core.data.sources import list_source
from kd_core.errors import DataInvalid
from kd_core.spec import DataSource

SIZE = 8


@pytest.fixture
def source(build, images):
    """Twelve images in two classes, of which each run holds two out."""
    build.folder(images.pets(6))
    return DataSource(dataset="file:data", image_size=SIZE)


@pytest.fixture
def decoder_of(tmp_path, source):
    def make(store, **changes):
        listing = replace(list_source(source, tmp_path, LIMITS), **changes)
        return Decoder(listing, SIZE, LIMITS, store)

    return make


ROWS = np.arange(12)


def store_at(folder, **changes):
    return DecodedStore(folder / "cache", **{"most_bytes": 2**30, **changes})


def never(*_):
    raise AssertionError("it is decoded again")


def decoded(decoder, rows=ROWS):
    (side,) = decoder.decode([rows])
    return side


def files_in(store, suffix=".images"):
    return sorted(path for path in store.folder.iterdir() if path.suffix == suffix)


def test_a_store_holds_what_memory_would(tmp_path, source):
    in_memory = reading.read(source, tmp_path)
    stored = reading.read(source, tmp_path, store=store_at(tmp_path))

    assert isinstance(stored.train.images, Mapped)
    assert in_memory.digest == stored.digest
    for side in ("train", "validation"):
        ours, theirs = getattr(stored, side), getattr(in_memory, side)
        np.testing.assert_array_equal(theirs.images, ours.images[:])
        assert theirs.names == ours.names
    assert in_memory.report == stored.report


def test_what_is_stored_is_not_decoded_again(tmp_path, decoder_of):
    first = decoded(decoder_of(store_at(tmp_path)))
    again = decoded(decoder_of(store_at(tmp_path), squares=never))

    np.testing.assert_array_equal(first.images[:], again.images[:])
    np.testing.assert_array_equal(first.facts, again.facts)


@pytest.mark.parametrize("change", ["content", "name", "size", "rows"])
def test_other_images_are_another_file(tmp_path, build, images, decoder_of, change):
    store = store_at(tmp_path)
    decoded(decoder_of(store))
    if change == "content":
        build.folder({"cats/0.png": images.png(99)})
    elif change == "name":
        (tmp_path / "data/cats/0.png").rename(tmp_path / "data/cats/00.png")
    other = decoder_of(store)
    decoded(
        replace(other, size=9) if change == "size" else other,
        ROWS[:-1] if change == "rows" else ROWS,
    )

    assert len(files_in(store)) == 2


def cut(data):
    return data[: len(data) // 2]


def longer(data):
    return data + b"x"


def another_pixel(data):
    return data[:5000] + bytes([data[5000] ^ 1]) + data[5001:]


def another_fact(data):
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


def another_header(data):
    return data.replace(b'"format": 1', b'"format": 2')


def nothing(_):
    return b""


@pytest.mark.parametrize(
    "damage", [cut, longer, another_pixel, another_fact, another_header, nothing]
)
def test_a_damaged_file_is_made_again_and_not_trusted(tmp_path, decoder_of, damage):
    store = store_at(tmp_path)
    images = decoded(decoder_of(store)).images[:]
    (file,) = files_in(store)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert file.read_bytes() != whole

    again = decoded(decoder_of(store))

    np.testing.assert_array_equal(images, again.images[:])
    assert file.read_bytes() == whole


def test_damaged_images_are_left_out_of_what_is_stored_too(tmp_path, build, decoder_of):
    build.folder({"cats/3.png": b"no image"})
    half = replace(LIMITS, damaged_share=0.5)
    whole = decoded(replace(decoder_of(None), limits=half))
    stored = decoded(replace(decoder_of(store_at(tmp_path)), limits=half))
    found = decoded(replace(decoder_of(store_at(tmp_path), squares=never), limits=half))

    assert 11 == len(whole.images) == len(found.images)
    for side in (stored, found):
        np.testing.assert_array_equal(whole.images, side.images[:])
        np.testing.assert_array_equal(whole.whole, side.whole)


def test_two_that_need_the_same_images_at_once_decode_them_once(tmp_path, decoder_of):
    meeting, passes = threading.Barrier(2), []
    listing = decoder_of(None).listing

    def counted(size, rows):
        passes.append(len(rows))
        return listing.squares(size, rows)

    def decode(answers):
        meeting.wait(60)
        answers.append(decoded(decoder_of(store_at(tmp_path), squares=counted)).images[:])

    answers = []
    both = [threading.Thread(target=decode, args=[answers]) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)

    assert [12] == passes
    np.testing.assert_array_equal(*answers)


def test_a_builder_that_failed_leaves_nothing(tmp_path, decoder_of):
    store = store_at(tmp_path)
    (tmp_path / "data/dogs/5.png").write_bytes(b"")

    with pytest.raises(DataInvalid, match="is none of"):
        decoded(decoder_of(store))
    assert [] == files_in(store) + files_in(store, ".partial")


def test_what_a_killed_builder_left_is_removed_by_the_next(tmp_path, decoder_of):
    store = store_at(tmp_path)
    store.folder.mkdir()
    left = store.folder / f"{'0' * 64}.images.partial"
    left.write_bytes(bytes(1000))

    decoded(decoder_of(store))

    assert not left.exists()


def test_what_a_living_builder_is_at_stays(tmp_path, decoder_of):
    store = store_at(tmp_path)
    store.folder.mkdir()
    at_work = store.folder / f"{'0' * 64}.images.partial"
    with at_work.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        decoded(decoder_of(store))

        assert at_work.exists()


def file_bytes(tmp_path, decoder_of):
    store = store_at(tmp_path / "measured")
    store.folder.parent.mkdir()
    decoded(decoder_of(store))
    return files_in(store)[0].stat().st_size


def test_the_one_that_was_not_used_for_longest_makes_room(tmp_path, decoder_of):
    size = file_bytes(tmp_path, decoder_of)
    store = store_at(tmp_path, most_bytes=2 * size)
    decoder, sets = decoder_of(store), [ROWS[:10], ROWS[1:11], ROWS[2:]]
    for used_at, rows in enumerate(sets[:2]):
        decoded(decoder, rows)
        newest = max(files_in(store), key=lambda path: path.stat().st_mtime)
        os.utime(newest, (1000 + used_at, 1000 + used_at))
    first = min(files_in(store), key=lambda path: path.stat().st_mtime)
    decoded(decoder, sets[0])  # used again, and so no longer the oldest
    (oldest,) = set(files_in(store)) - {first}

    decoded(decoder, sets[2])

    assert not oldest.exists()
    assert first.exists()
    assert len(files_in(store)) == 2


def test_one_that_is_in_use_is_never_removed(tmp_path, decoder_of):
    size = file_bytes(tmp_path, decoder_of)
    store = store_at(tmp_path, most_bytes=size)
    decoder = decoder_of(store)
    in_use = decoded(decoder, ROWS[:10])
    (file,) = files_in(store)

    other = decoded(decoder, ROWS[2:])
    assert isinstance(other.images, Streamed)
    assert file.exists()

    del in_use
    now = decoded(decoder, ROWS[2:])
    assert isinstance(now.images, Mapped)
    assert not file.exists()


@contextmanager
def files_of_at_most(size):
    """The kernel refuses to let a file grow further, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("most", "system"), [(5000, 2**40), (2**30, 5000)])
@pytest.mark.parametrize("pack", ["folder", "zip", "tar"])
def test_without_room_images_are_streamed_and_are_the_same(
    tmp_path, build, images, pack, most, system
):
    dataset = f"file:{getattr(build, pack)(images.pets(20))}"
    source = DataSource(dataset=dataset, image_size=16)
    in_memory = reading.read(source, tmp_path)
    store = store_at(tmp_path, most_bytes=most)

    with files_of_at_most(system):
        streamed = reading.read(source, tmp_path, store=store)

    assert isinstance(streamed.train.images, Streamed)
    assert in_memory.digest == streamed.digest
    some = np.array([3, 0, 3, 7])
    np.testing.assert_array_equal(in_memory.train.images[some], streamed.train.images[some])
    np.testing.assert_array_equal(in_memory.train.images, streamed.train.images[:])
    assert "decoded again in each epoch" in streamed.warnings[0]
    assert [] == files_in(store) + files_in(store, ".partial")


def test_what_is_known_of_streamed_images_is_kept(tmp_path, decoder_of):
    store = store_at(tmp_path, most_bytes=5000)
    first = decoded(decoder_of(store))
    listing = decoder_of(store).listing

    def one_by_one(size, rows):
        assert len(rows) == 1
        return listing.squares(size, rows)

    again = decoded(decoder_of(store, squares=one_by_one))

    np.testing.assert_array_equal(first.images[2:3], again.images[2:3])
    assert len(files_in(store, ".facts")) == 1


@pytest.mark.parametrize("change", ["other", "damaged", "gone"])
def test_an_image_that_changes_while_it_is_streamed_is_noticed(
    tmp_path, images, decoder_of, change
):
    side = decoded(decoder_of(store_at(tmp_path, most_bytes=5000)))
    file = tmp_path / "data/cats/2.png"
    if change == "gone":
        file.unlink()
    else:
        file.write_bytes(images.png(99) if change == "other" else b"")

    with pytest.raises(DataInvalid) as caught:
        side.images[:]
    assert caught.value.problems[0].file == "cats/2.png"


def test_a_source_that_is_read_from_front_to_back_is_not_streamed(tmp_path, build, images):
    source = DataSource(dataset=f"file:{build.tar(images.pets(), mode='w:gz')}", image_size=SIZE)

    with pytest.raises(DataInvalid, match="cannot be read image by image") as caught:
        reading.read(source, tmp_path, store=store_at(tmp_path, most_bytes=3000))
    (problem,) = caught.value.problems
    assert problem.code == "data_too_large"
    assert "an uncompressed .tar" in problem.hint


def test_the_test_split_is_decoded_when_it_is_asked_for_and_not_before(tmp_path, build, images):
    files = {f"{split}/{name}": data for split in ("train", "test")
             for name, data in images.pets(4, seed=len(split)).items()}  # fmt: skip
    source = DataSource(dataset=f"file:{build.folder(files)}", image_size=SIZE)
    store = store_at(tmp_path)
    data = reading.read(source, tmp_path, store=store)
    before = files_in(store)
    for name in files:  # nobody has looked at them: they can still become anything
        if name.startswith("test/"):
            (tmp_path / "data" / name).write_bytes(images.png(77))

    assert data.has_test
    assert len(before) == 2
    assert len(np.unique(data.test.images[:], axis=0)) == 1
    assert len(files_in(store)) == 3


ANONYMOUS = """
import re, sys
from pathlib import Path
import numpy as np
from kd_core.data import DecodedStore, read
from kd_core.spec import DataSource

def anonymous():
    found = re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
small = DataSource(dataset="file:data", image_size=8)
large = DataSource(dataset="file:data", image_size=512)
images = read(small, folder, store=DecodedStore(folder / "cache", limit)).train.images
images[:]
before = most = anonymous()
images = read(large, folder, store=DecodedStore(folder / "cache", limit)).train.images
for first in range(0, len(images), 2):
    batch = images[np.arange(first, first + 2)]
    most = max(most, anonymous())
print(type(images).__name__, most - before, images.size_bytes)
"""


@pytest.mark.parametrize(("limit", "kind"), [(2**30, "Mapped"), (100_000, "Streamed")])
def test_memory_is_that_of_a_batch_and_not_of_the_set(tmp_path, build, images, limit, kind):
    build.folder(images.pets(40))
    command = [sys.executable, "-c", ANONYMOUS, str(tmp_path), str(limit)]

    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert kind == said[0]
    taken, whole = map(int, said[1:])
    assert whole == 64 * 512 * 512 * 3
    assert taken < whole / 3
