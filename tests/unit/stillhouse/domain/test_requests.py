"""What the small texts of the API mean: cursors, keys, digests, parts. All of them are hostile."""

import base64
import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stillhouse.domain import errors, keys, uploads
from stillhouse.domain.errors import Invalid, StillhouseError
from stillhouse.domain.pages import Cursor, Order

KEY = "key_06chj90000s00000000000001g"


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_cursor_decodes_to_the_place_it_names(at):
    cursor = Cursor(at, KEY)

    assert cursor == Cursor.decode(cursor.encode())


@given(st.text())
@pytest.mark.parametrize("prefix", ["", "MjAyNi0x"])
def test_any_other_text_is_no_cursor_and_no_crash(prefix, text):
    with contextlib.suppress(Invalid):
        assert isinstance(Cursor.decode(prefix + text), Cursor)


def test_a_cursor_at_the_end_of_time_is_refused():
    late = datetime(9999, 12, 31, 23, 59, tzinfo=UTC).isoformat().replace("+00:00", "-10:00")
    early = datetime(2026, 1, 1, tzinfo=UTC).isoformat()

    assert Cursor.decode(forged("-created_at", early, KEY)).identity == KEY
    with pytest.raises(Invalid):
        Cursor.decode(forged("-created_at", late, KEY))


def forged(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize("sort", ["created_at", "name", "-name", "priority", "-priority"])
def test_a_cursor_of_every_order_decodes_in_this_order_alone(sort):
    values = {"name": 'größe "x"', "priority": 2, "created_at": datetime(2026, 1, 1, tzinfo=UTC)}
    order = Order.read(sort)
    cursor = Cursor(values[order.by], KEY, order)

    assert cursor == Cursor.decode(cursor.encode(), order)
    with pytest.raises(Invalid, match="sorted by"):
        Cursor.decode(cursor.encode())


@pytest.mark.parametrize(
    "parts",
    [
        ("priority", True, KEY),
        ("priority", 2**70, KEY),
        ("priority", "1", KEY),
        ("name", 1, KEY),
        ("name", "\0", KEY),
        ("name", "a", "\0"),
        ("name", "a", 1),
        ("created_at", "yesterday", KEY),
        ("created_at", "2026-01-01", KEY),
        ("created_at", None, KEY),
        ("name", "a"),
    ],
)
def test_a_cursor_with_a_value_that_its_column_cannot_have_is_refused(parts):
    with pytest.raises(Invalid):
        Cursor.decode(forged(*parts), Order.read(parts[0]))


def test_a_key_reads_back_from_its_token_and_its_secret_is_not_its_hash():
    secret = bytes(range(32))
    token = keys.token(KEY, secret)

    assert (KEY, secret) == keys.read_token(token)
    assert token.startswith("sh_live_")
    assert keys.secret_hash(secret) not in token


@pytest.mark.parametrize(
    "text", ["", "sh_live_", "sh_live_x_y", f"Bearer {KEY}", "sh_live_" + "0" * 26 + "_" + "é" * 64]
)
def test_what_is_no_key_of_ours_reads_as_none(text):
    assert keys.read_token(text) is None


@pytest.mark.parametrize("text", ["", "a" * 63, "A" * 64, "../" * 21 + "a", "a" * 64 + "\n"])
def test_a_digest_that_could_be_a_path_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        uploads.check_digest(text, "/sha256")

    assert refusal.value.problems[0].pointer == "/sha256"


@given(st.integers(1, 1 << 36), st.integers(uploads.MIN_PART_BYTES, uploads.MAX_PART_BYTES))
def test_the_parts_of_an_upload_add_up_to_its_bytes(size, part):
    assume(uploads.part_count(size, part) <= uploads.MAX_PARTS)
    count = uploads.check_parts(size, part)
    lengths = [uploads.part_length(n, size, part) for n in (1, count)]

    assert all(0 < length <= part for length in lengths)
    assert size == part * (count - 1) + lengths[-1]


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_part_that_does_not_exist_is_refused(number):
    with pytest.raises(Invalid, match="parts 1 to 2"):
        uploads.part_length(number, uploads.MIN_PART_BYTES + 1, uploads.MIN_PART_BYTES)


@pytest.mark.parametrize(("size", "part"), [(0, 1 << 23), (1, 1), (1 << 40, 1 << 20)])
def test_a_plan_of_parts_that_cannot_work_is_refused(size, part):
    with pytest.raises(Invalid):
        uploads.check_parts(size, part)


def _leaves(kind):
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in _leaves(child))]


def test_every_error_has_a_stable_code_of_its_own_and_stands_in_the_drawing():
    kinds = _leaves(StillhouseError)

    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert kind.__name__ in errors.__doc__
        assert 400 <= kind.status < 600
