"""Archives are read whole into memory, or refused by what is wrong with them."""

import gzip
import io
import stat
import struct
import tarfile
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kd_core.data.archives import MemberNames
from kd_core.data.limits import LIMITS, Limits
from kd_core.errors import DataInvalid

UNSAFE_NAMES = [
    "/etc/cats/1.png",
    "../cats/1.png",
    "cats/../../1.png",
    "C:/cats/1.png",
    "cats\\1.png",
    "cats/\x1b[2J.png",
    "cats/1\n.png",
    f"cats/{'n' * 2000}.png",
]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_tar_gives_what_the_folder_gives(build, read, images, mode):
    in_tar = read(build.tar(images.pets(), mode=mode))
    in_folder = read(build.folder(images.pets()))

    assert in_folder.digest == in_tar.digest
    assert in_folder.train.names == in_tar.train.names


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_gives_what_the_folder_gives(build, read, images, method):
    in_zip = read(build.zip(images.pets(), compression=method))
    in_folder = read(build.folder(images.pets()))

    assert in_folder.digest == in_zip.digest


def test_the_order_of_members_does_not_matter(build, read, images):
    backwards = dict(reversed(images.pets().items()))

    digests = {
        read(name).digest
        for name in (
            build.tar(images.pets(), "a.tar"),
            build.tar(backwards, "b.tar"),
            build.zip(images.pets(), "a.zip"),
            build.zip(backwards, "b.zip"),
        )
    }
    assert len(digests) == 1


def test_a_tar_made_of_the_current_folder_is_read(build, read, images):
    data = read(build.tar({f"./{name}": file for name, file in images.pets().items()}))

    assert data.class_names == ("cats", "dogs")


def test_an_archive_is_known_by_what_it_is_not_by_its_name(build, read, images):
    build.zip(images.pets(), "pets.dat")
    build.tar(images.pets(), "pets.bin", "w:gz")

    assert read("pets.dat").digest == read("pets.bin").digest


def test_a_tar_that_ends_with_a_zip_is_still_a_tar(build, read, images):
    build.zip(images.pets(), "inner.zip", zipfile.ZIP_STORED)
    inner = (build.root / "inner.zip").read_bytes()

    data = read(build.tar({**images.pets(), "zoo.zip": inner}))

    assert "zoo.zip" in data.warnings[0]


@pytest.mark.parametrize("name", UNSAFE_NAMES)
def test_an_unsafe_name_in_a_zip_is_refused(build, refusal, images, name):
    problem = refusal(build.zip({**images.pets(), name: images.png()}))

    assert problem.code == "unsafe_name"
    assert problem.pointer == "/data/dataset"


@pytest.mark.parametrize("name", UNSAFE_NAMES)
def test_an_unsafe_name_in_a_tar_is_refused(build, refusal, images, name):
    problem = refusal(build.tar({**images.pets(), name: images.png()}))

    assert problem.code == "unsafe_name"


def test_a_name_hidden_behind_a_zero_byte_is_refused(build, refusal, images):
    build.zip({**images.pets(), "cats/9.png+.exe": images.png()}, "honest.zip")
    data = (build.root / "honest.zip").read_bytes().replace(b"9.png+.exe", b"9.png\0.exe")

    assert refusal(build.file("data.zip", data)).code == "unsafe_name"


def test_a_member_without_a_name_is_refused(build, refusal, images):
    with zipfile.ZipFile(build.root / "data.zip", "w") as archive:
        archive.writestr("cats/0.png", images.png())
        archive.infolist()[0].filename = ""

    assert refusal("data.zip").code == "unsafe_name"
    assert refusal(build.tar({**images.pets(), ".": images.png()})).code == "unsafe_name"


def test_a_tar_name_that_is_not_text_is_refused(build, refusal, images):
    files = {**images.pets(), "cats/\udcff.png": images.png()}

    assert refusal(build.tar(files)).code == "unsafe_name"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_in_a_tar_is_refused(build, refusal, images, kind):
    link = tarfile.TarInfo("cats/link.png")
    link.type, link.linkname = kind, "../../secret.png"

    problem = refusal(build.tar(images.pets(), extra=[link]))

    assert (problem.code, problem.file) == ("link_refused", "cats/link.png")


@pytest.mark.parametrize(
    "kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.GNUTYPE_SPARSE, b"W"]
)
def test_a_special_file_in_a_tar_is_refused(build, refusal, images, kind):
    special = tarfile.TarInfo("cats/special.png")
    special.type = kind

    problem = refusal(build.tar(images.pets(), extra=[special]))

    assert (problem.code, problem.file) == ("special_file", "cats/special.png")


@pytest.mark.parametrize(
    ("kind", "code"), [(stat.S_IFLNK, "link_refused"), (stat.S_IFIFO, "special_file")]
)
def test_a_link_or_a_pipe_in_a_zip_is_refused(build, refusal, images, kind, code):
    odd = zipfile.ZipInfo("cats/odd.png")
    odd.external_attr = (kind | 0o777) << 16

    assert code == refusal(build.zip({**images.pets(), odd: b"/etc/passwd"})).code


@pytest.mark.parametrize("twin", ["cats/0.PNG", "CATS/9.png", "cat\u017f/9.png"])
def test_names_that_differ_in_case_only_are_refused(build, refusal, images, twin):
    files = {**images.pets(), twin: images.png()}

    assert refusal(build.zip(files, "a.zip")).code == "duplicate_name"
    assert refusal(build.tar(files, "a.tar")).code == "duplicate_name"


def test_a_name_that_stands_twice_is_refused(build, refusal, images):
    build.tar(images.pets())
    with tarfile.open(build.root / "data.tar", "a") as archive:
        archive.addfile(tarfile.TarInfo("cats/1.png"))

    problem = refusal("data.tar")

    assert (problem.code, problem.file) == ("duplicate_name", "cats/1.png")


def test_a_file_that_is_also_a_folder_is_refused(build, refusal, images):
    files = {**images.pets(), "cats/0.png/1.png": images.png()}

    assert refusal(build.zip(files)).code == "duplicate_name"


def test_an_encrypted_member_is_refused(build, refusal, images):
    build.zip(images.pets(), "open.zip")
    data = bytearray((build.root / "open.zip").read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1

    assert refusal(build.file("data.zip", bytes(data))).code == "encrypted"


def test_an_unusual_compression_is_refused(build, refusal, images):
    name = build.zip(images.pets(), compression=zipfile.ZIP_BZIP2)

    assert refusal(name).code == "unknown_compression"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(entries=5), "too_many_entries"),
        (Limits(member_bytes=100), "file_too_large"),
        (Limits(total_bytes=1000), "archive_too_large"),
    ],
)
def test_what_is_over_a_limit_is_refused(build, refusal, images, limits, code):
    assert code == refusal(build.zip(images.pets()), limits=limits).code
    assert code == refusal(build.tar(images.pets()), limits=limits).code


@pytest.mark.parametrize("mode", ["w:gz", "w:xz", "w:bz2"])
def test_a_bomb_in_a_tar_is_refused(build, refusal, images, mode):
    name = build.tar({**images.pets(), "cats/bomb.png": bytes(9_000_000)}, mode=mode)

    assert refusal(name).code == "compression_bomb"


def test_a_bomb_in_a_zip_is_refused(build, refusal, images):
    name = build.zip({**images.pets(), "cats/bomb.png": bytes(9_000_000)})

    assert (refusal(name).code, refusal(name).file) == ("compression_bomb", "cats/bomb.png")


def test_sizes_are_counted_and_not_believed(build, refusal, images):
    """The directory claims a few bytes; the member has many."""
    build.zip({**images.pets(), "cats/bomb.png": bytes(300_000)}, "honest.zip")
    true_size, claimed = struct.pack("<L", 300_000), struct.pack("<L", 99)
    data = (build.root / "honest.zip").read_bytes().replace(true_size, claimed)

    assert refusal(build.file("data.zip", data)).code == "archive_damaged"


def test_a_zip_directory_of_absurd_size_is_not_read(build, refusal):
    name = build.zip({f"cats/{'n' * 900}{n}.png": b"" for n in range(1300)})

    assert refusal(name, limits=Limits(entries=10)).code == "archive_damaged"


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz", "tar.xz", "tar.bz2"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.7])
def test_a_truncated_archive_is_refused(build, refusal, images, suffix, share):
    if suffix == "zip":
        build.zip(images.pets(), "whole")
    else:
        build.tar(images.pets(), "whole", suffix.replace("tar", "w").replace(".", ":"))
    whole = (build.root / "whole").read_bytes()

    problem = refusal(build.file(f"data.{suffix}", whole[: int(share * len(whole))]))

    assert problem.code == "archive_damaged"


def test_a_tar_cut_between_two_members_is_refused(build, refusal, images):
    build.tar(images.pets(), "whole.tar")
    with tarfile.open(build.root / "whole.tar") as archive:
        cut = archive.getmembers()[5].offset
    whole = (build.root / "whole.tar").read_bytes()

    assert refusal(build.file("data.tar", whole[:cut])).code == "archive_damaged"


def test_a_damaged_header_does_not_pass_for_the_end(build, refusal, images):
    build.tar(images.pets(), "whole.tar")
    with tarfile.open(build.root / "whole.tar") as archive:
        header = archive.getmembers()[5].offset
    data = bytearray((build.root / "whole.tar").read_bytes())
    data[header : header + 4] = b"oops"

    assert refusal(build.file("data.tar", bytes(data))).code == "archive_damaged"


def test_a_wrong_checksum_of_a_compressed_tar_is_refused(build, refusal, images):
    build.tar(images.pets(), "whole.tgz", "w:gz")
    data = bytearray((build.root / "whole.tgz").read_bytes())
    data[-8] ^= 0xFF

    assert refusal(build.file("data.tgz", bytes(data))).code == "archive_damaged"


def test_a_member_of_negative_size_does_not_send_the_reader_in_circles(build, refusal, images):
    build.tar(images.pets(), "whole.tar")
    header = tarfile.TarInfo("cats/back.png")
    header.size = -4096
    block = header.tobuf(tarfile.GNU_FORMAT)
    data = (build.root / "whole.tar").read_bytes()

    problem = refusal(build.file("data.tar", block + data))

    assert problem.code == "archive_damaged"


def test_a_tar_header_of_absurd_size_is_not_read(build, refusal, images):
    name = build.tar({**images.pets(), f"cats/{'n' * 5000}.png": images.png()})

    problem = refusal(name, limits=Limits(header_bytes=4096))

    assert problem.code == "archive_damaged"


def test_a_compressed_file_that_is_no_tar_is_refused(build, refusal, images):
    name = build.file("image.png.gz", gzip.compress(images.png()))

    assert refusal(name).code == "archive_damaged"


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_empty_archive_is_refused(build, refusal, kind):
    name = build.zip({}) if kind == "zip" else build.tar({})

    assert refusal(name).code == "no_images"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["zip", "tar"]),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), max_size=4),
)
def test_a_corrupted_archive_is_read_or_refused_and_never_crashes(build, read, images, kind, flips):
    (build.zip if kind == "zip" else build.tar)(images.pets(2), "whole")
    data = bytearray((build.root / "whole").read_bytes())
    for place, mask in flips:
        data[int(place * len(data))] ^= mask
    build.file(f"data.{kind}", bytes(data))

    try:
        data_set = read(f"data.{kind}")
    except DataInvalid as error:
        assert error.problems[0].hint
    else:
        assert data_set.class_names == ("cats", "dogs")


@given(st.lists(st.text("abAB/.ß", max_size=6), max_size=8))
def test_accepted_names_are_relative_and_different_on_any_file_system(raw):
    names = MemberNames(LIMITS)
    try:
        for name in raw:
            names.add(name, is_folder=False)
    except DataInvalid:
        return

    folded = [name.casefold() for name in (*names.files, *names.folders)]
    assert len(set(folded)) == len(folded)
    assert not any(part in ("", ".", "..") for name in names.files for part in name.split("/"))


def test_nothing_is_written_to_disk(build, read, images):
    name = build.tar(images.pets(), mode="w:gz")
    before = sorted(build.root.rglob("*"))

    read(name)

    assert before == sorted(build.root.rglob("*"))


def test_a_pax_tar_with_a_global_header_is_read(build, read, images):
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "a commit"}
    ) as archive:
        for name, data in images.pets().items():
            member = tarfile.TarInfo(f"pets-{'1' * 120}/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

    assert read(build.file("data.tar", buffer.getvalue())).class_names == ("cats", "dogs")
