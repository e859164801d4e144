"""Ids say what they name, sort by age, and are refused with the reason when they are not ours."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillhouse.domain import ids
from stillhouse.domain.errors import Invalid
from stillhouse.domain.ids import Prefix

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
times = st.datetimes(min_value=AT.replace(year=1971, tzinfo=None), timezones=st.just(UTC))
noise = st.binary(min_size=ids.RANDOM_BYTES, max_size=ids.RANDOM_BYTES)


@given(st.sampled_from(Prefix), times, noise)
def test_an_id_parses_back_to_its_uuid(prefix, at, random):
    identity = ids.make(prefix, at, random)

    assert ids.uuid7(at, random) == ids.parse(identity, prefix)


@given(times, noise)
def test_the_uuid_is_version_7_of_rfc_9562(at, random):
    identity = ids.uuid7(at, random)

    assert identity.version == 7
    assert identity.variant == "specified in RFC 4122"
    assert identity.int >> 80 == (at - ids.EPOCH) // timedelta(milliseconds=1)


@given(times, noise, noise)
def test_ids_sort_as_text_by_their_age(at, one, other):
    older = ids.make(Prefix.JOB, at, one)
    newer = ids.make(Prefix.JOB, at + timedelta(milliseconds=1), other)

    assert older < newer


def test_a_minted_id_takes_its_randomness_from_where_it_is_told():
    assert ids.make(Prefix.KEY, AT, b"\x07" * 10) == ids.mint(
        Prefix.KEY, AT, lambda count: b"\x07" * count
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "must start with job_"),
        ("mdl_00000000000000000000000000", "must start with job_"),
        ("job_", "not 0"),
        ("job_../../etc/passwd", "not 16"),
        ("job_zzzzzzzzzzzzzzzzzzzzzzzzzz", "0-9 and a-v"),
        ("job_0000000000000000000000000\n", "0-9 and a-v"),
        ("job_é0000000000000000000000000", "0-9 and a-v"),
        ("job_AB000000000000000000000000", "one lowercase spelling"),
        ("job_00000000000000000000000001", "one lowercase spelling"),
    ],
)
def test_any_other_text_is_refused_with_the_reason(text, reason):
    with pytest.raises(Invalid) as refusal:
        ids.parse(text, Prefix.JOB, "/job")

    problem = refusal.value.problems[0]
    assert (problem.code, problem.pointer) == ("invalid_id", "/job")
    assert reason in problem.message
    assert not ids.is_id(text, Prefix.JOB)
