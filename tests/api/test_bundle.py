"""The bundle of a job: one tar, the same bytes each time, whole or in ranges, never a wrong one."""

import io
import os
import tarfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from api.artifacts.bundle import Bundle
from api.artifacts.ranges import Unsatisfiable, asked
from stillhouse.store.artifacts import CONFIG, MODEL
from stillhouse.store.tables import ArtifactRow
from tests.support.api import MIB, OTHER, sha256
from tests.support.service import TENANT

FILES = {
    MODEL: os.urandom(3000),
    CONFIG: b"{}",
    "report.json": b"r" * 512,
    "predictions.csv": b"",
}
LAID_OUT = ["artifacts/safetensors/config.json", "artifacts/safetensors/model.safetensors",
            "predictions.csv", "report.json"]  # fmt: skip


@pytest.fixture
def job(service):
    return service.succeeded(FILES, name="shelf classifier/ä")


@pytest.fixture
def path(job):
    return f"/v1/jobs/{job}/bundle"


def members(content):
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
        return {member: tar.extractfile(member).read() for member in tar}


def test_everything_lies_in_one_folder_as_in_that_of_a_run(service, job, path):
    answer = service.get(path)
    found = {member.name: content for member, content in members(answer.content).items()}
    root = f"shelf_classifier-{job}"

    assert answer.status_code == 200
    assert [f"{root}/{place}" for place in LAID_OUT] == list(found)
    assert FILES[MODEL] == found[f"{root}/artifacts/{MODEL}"]
    assert answer.headers["Content-Type"] == "application/x-tar"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{root}.tar"'


def test_nothing_in_it_tells_who_made_it_on_which_machine_and_it_is_the_same_twice(
    service, job, path
):
    first, second = service.get(path), service.get(path)
    ended = service.world.job(job).finished_at

    assert first.content == second.content
    assert first.headers["ETag"] == second.headers["ETag"]
    for member in members(first.content):
        owner = (member.uid, member.gid, member.uname, member.gname)
        assert (0, 0, "", "") == owner
        assert (int(ended.timestamp()), 0o644) == (member.mtime, member.mode)


def test_it_is_what_tarfile_writes(service, path):
    expected = io.BytesIO()
    with tarfile.open(fileobj=expected, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members(service.get(path).content).items():
            tar.addfile(member, io.BytesIO(content))

    assert expected.getvalue() == service.get(path).content


def test_long_and_hostile_names_stay_inside(service):
    long = f"onnx/{'x' * 200}.onnx"
    names = {long: b"1", "../../etc/passwd": b"2", "a/.ssh/-rf": b"3", "a\n/b": b"4"}
    job = service.succeeded(names, name="../..")
    found = members(service.get(f"/v1/jobs/{job}/bundle").content)

    assert {b"1", b"2", b"3", b"4"} == set(found.values())
    for member in found:
        assert member.name.startswith(f"job-{job}/")
        assert ".." not in member.name
        assert member.name.isprintable()
    assert f"job-{job}/artifacts/{long}" in {member.name for member in found}
    assert f"job-{job}/artifacts/a/ssh/rf" in {member.name for member in found}


@pytest.mark.parametrize("cut", [1, 511, 512, 513, 2000, 5000, 9_999])
def test_a_download_that_broke_off_is_taken_up(service, path, cut):
    whole = service.get(path)
    tag, size = whole.headers["ETag"], len(whole.content)
    head = service.get(path, headers={"Range": f"bytes=0-{cut - 1}"})
    rest = service.get(path, headers={"Range": f"bytes={cut}-", "If-Range": tag})

    assert (head.status_code, rest.status_code) == (206, 206)
    assert rest.headers["Content-Range"] == f"bytes {cut}-{size - 1}/{size}"
    assert rest.headers["Content-Length"] == str(size - cut)
    assert head.content + rest.content == whole.content


def test_a_range_of_another_bundle_is_all_of_this_one(service, path):
    answer = service.get(path, headers={"Range": "bytes=5-", "If-Range": '"bundle-0"'})

    assert (answer.status_code, len(members(answer.content))) == (200, 4)


def test_several_ranges_are_all_of_it(service, path):
    assert service.get(path, headers={"Range": "bytes=0-1,5-6"}).status_code == 200


@pytest.mark.parametrize(
    "wanted", ["bytes=999999-", "bytes=-0", "bytes=3-2", "bytes=-", "lines=1-2", "x", "bytes=x-",
               "bytes=" + "9" * 5000 + "-"]
)  # fmt: skip
def test_a_range_outside_of_it_is_a_416(service, path, wanted):
    size = len(service.get(path).content)
    answer = service.get(path, headers={"Range": wanted})

    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["Content-Range"] == f"bytes */{size}"


def test_a_bundle_that_is_known_is_not_sent(service, path):
    tag = service.get(path).headers["ETag"]
    answer = service.get(path, headers={"If-None-Match": f'"x", {tag}'})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == tag


def test_its_headers_alone_can_be_asked_for(service, path):
    whole = service.get(path)
    head = service.call("HEAD", path)
    part = service.call("HEAD", path, headers={"Range": "bytes=0-9"})

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert (part.status_code, part.headers["Content-Length"]) == (206, "10")


def test_other_contents_have_another_tag(service, path):
    others = [
        service.succeeded({**FILES, CONFIG: b"[]"}),
        service.succeeded({**FILES, "other": b""}),
        service.succeeded(FILES),
    ]
    paths = [path, *(f"/v1/jobs/{job}/bundle" for job in others)]

    assert 4 == len({service.call("HEAD", one).headers["ETag"] for one in paths})


def test_a_job_that_is_not_over_or_came_to_nothing_has_none(service):
    running = service.world.running().job_id
    cancelled = service.world.submit().id
    assert service.post(f"/v1/jobs/{cancelled}/cancel").status_code == 202
    for job, state in ((running, "running"), (cancelled, "cancelled")):
        answer = service.get(f"/v1/jobs/{job}/bundle")

        assert (answer.status_code, answer.json()["code"]) == (409, "job_not_succeeded")
        assert answer.json()["current"] == state
        assert "still jobs show" in answer.json()["hint"]


def test_another_tenants_job_is_not_there(service, path):
    assert service.get(path, key=service.new_key(OTHER)).status_code == 404
    assert service.get(f"/v1/jobs/job_{'0' * 26}/bundle").status_code == 404


@pytest.mark.parametrize("harm", ["cut", "lost"])
def test_a_file_that_is_not_whole_is_told_before_the_first_byte(service, path, harm):
    blob = service.services.blobs.path(sha256(FILES[MODEL]))
    blob.write_bytes(b"short") if harm == "cut" else blob.unlink()
    answer = service.get(path)
    code = "blob_corrupted" if harm == "cut" else "blob_missing"

    assert (answer.status_code, answer.json()["code"]) == (500, code)
    assert not blob.exists()


def test_a_range_through_a_damaged_file_is_refused(service, path):
    blob = service.services.blobs.path(sha256(FILES[MODEL]))
    blob.write_bytes(bytes(len(FILES[MODEL])))
    answer = service.get(path, headers={"Range": "bytes=0-2000"})

    assert (answer.status_code, answer.json()["code"]) == (500, "blob_corrupted")
    assert not blob.exists()


def test_it_takes_no_more_memory_than_a_few_chunks(service):
    large = 48 * MIB
    job = service.succeeded({"onnx/student.onnx": bytes(large)})
    with service.work() as uow:
        bundle = Bundle(uow.jobs.get(TENANT, job), uow.artifacts.of_job(TENANT, job))
    tracemalloc.start()
    size = sum(len(chunk) for chunk in bundle.read(service.services.blobs, range(bundle.size)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert bundle.size == size > large
    assert peak < 6 * MIB


@given(size=st.integers(1, 50), first=st.integers(0, 60), last=st.integers(0, 60))
def test_a_range_is_what_a_slice_is(size, first, last):
    for text, expected in (
        (f"bytes={first}-{last}", range(first, min(last + 1, size))),
        (f"bytes={first}-", range(first, size)),
        (f"bytes=-{last}", range(max(0, size - last), size)),
    ):
        headers = Headers({"range": text, "if-range": "tag"})
        if expected:
            assert expected == asked(headers, "tag", size)
            assert range(size) == asked(headers, "other", size)
        else:
            with pytest.raises(Unsatisfiable):
                asked(headers, "tag", size)


def test_what_has_no_folder_lies_beside_what_has_one():
    assert "report.json" == ArtifactRow(name="report.json").path
    assert f"artifacts/{MODEL}" == ArtifactRow(name=MODEL).path
