"""Which clients and services understand each other."""

import pytest

from stillhouse.domain.versions import too_old


@pytest.mark.parametrize(
    ("client", "service", "oldest", "sentence"),
    [
        ("0.1.0", "0.1.0", "0.1.0", ""),
        ("0.1.0", "0.9.0", "0.1.0", ""),
        ("0.1.0", "2.0.0", "1.4.0", "this client (0.1.0) is too old for the service (2.0.0)"),
        ("0.10.0", "0.9.1", "0.1.0", "the service (0.9.1) is older than this client (0.10.0)"),
        ("0.1.0", "nightly", "0.1.0", ""),
    ],
)
def test_who_is_too_old_is_said_with_what_to_install(client, service, oldest, sentence):
    told = too_old(client, service, oldest)

    assert told.startswith(sentence)
    assert bool(sentence) == (f"pip install 'stillhouse=={service}'" in told)
