"""JUnit XML as a CI reads it: counts that add up, and names and messages from strangers."""

from xml.etree.ElementTree import fromstring

import pytest

from stillhouse.cli.junit import document, write
from stillhouse.client import FileUnusable
from stillhouse.client.answers import Job, Verdict

TOP1 = {"metric": "top1", "op": ">=", "value": 0.92, "of": "student"}
PASSED = TOP1 | {"measured": 0.94, "passed": True}
FAILED = TOP1 | {"measured": 0.5, "passed": False}
ABSENT = TOP1 | {"measured": None, "passed": False, "reason": "top1 was not measured"}
TIMES = {"started_at": "2026-01-01T00:00:00Z", "finished_at": "2026-01-01T00:01:30Z"}
DIVERGED = {"class": "diverged", "code": "diverged", "message": "the loss is nan", "hint": "slow"}


def job(state="succeeded", **changes):
    return Job.model_validate({"id": "job_1", "name": "shelf", "state": state, **TIMES, **changes})


def suite(found, word, *gates):
    root = fromstring(document(found, Verdict(verdict=word, gates=gates)))  # noqa: S314 - ours
    (only,) = root
    cases = only.findall("testcase")
    outcomes = [child.tag for case in cases for child in case]

    assert ("testsuites", "testsuite") == (root.tag, only.tag)
    for node in (root, only):
        assert str(len(cases)) == node.get("tests")
        assert str(outcomes.count("failure")) == node.get("failures")
        assert str(outcomes.count("error")) == node.get("errors")
        assert str(outcomes.count("skipped")) == node.get("skipped")
    assert all(case.get("name") and case.get("classname") for case in cases)
    return only


def test_each_gate_is_a_test_case():
    found = suite(job(), "failed", PASSED, FAILED, ABSENT)
    names = [case.get("name") for case in found.findall("testcase")]
    messages = [case.get("message") for case in found.iter("failure")]

    assert ["student top1 >= 0.92"] * 3 == names
    assert ["measured 0.5", "top1 was not measured"] == messages
    assert ("shelf", "90.000") == (found.get("name"), found.get("time"))
    assert "2026-01-01T00:01:30+00:00" == found.get("timestamp")


def test_a_job_without_gates_is_an_empty_suite():
    assert [] == suite(job(), "not_evaluated").findall("testcase")


def test_a_job_that_failed_is_an_error_and_its_gates_were_skipped():
    found = suite(job("failed", failure=DIVERGED), "not_evaluated", TOP1)
    (error,) = found.iter("error")

    assert ("the loss is nan slow", "diverged") == (error.get("message"), error.get("type"))
    assert ["the job", "student top1 >= 0.92"] == [
        case.get("name") for case in found.findall("testcase")
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [("cancelled", "the job is cancelled"), ("running", "the job is not over: running")],
)
def test_a_job_without_a_result_is_an_error(state, words):
    (error,) = suite(job(state, finished_at=None), "pending", TOP1).iter("error")

    assert words == error.get("message")


def test_text_from_strangers_is_text():
    name = 'a<b> & "c"\x00\x1b[31m\ufffe \ud800'
    found = suite(job(name=name, failure=DIVERGED | {"message": "]]>\x08"}, state="failed"), "x")

    assert found.get("name").startswith('a<b> & "c"\\x00')
    assert "]]>\\x08 slow" == next(found.iter("error")).get("message")


def test_it_is_written_where_it_was_asked_for(tmp_path):
    write(tmp_path / "reports/gates.xml", b"<testsuites />")

    assert b"<testsuites />" == (tmp_path / "reports/gates.xml").read_bytes()
    with pytest.raises(FileUnusable, match="cannot be written"):
        write(tmp_path / "reports", b"")
