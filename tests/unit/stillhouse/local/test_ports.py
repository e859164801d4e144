"""Ports are tried before anything starts, and a refusal is a sentence."""

import socket

import pytest

from stillhouse.local.errors import LocalError
from stillhouse.local.ports import check_port, free_port, url_of


def test_a_free_port_is_free():
    check_port("127.0.0.1", free_port())


def test_a_port_in_use_is_a_sentence_with_another_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalError) as refused:
            check_port("127.0.0.1", port)

    assert f"port {port} of 127.0.0.1 is in use" in str(refused.value)
    assert "--port" in str(refused.value)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_a_sentence(host):
    with pytest.raises(LocalError):
        check_port(host, free_port())


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104 - not bound to
        ("::", "http://[::1]:80"),
        ("box.example", "http://box.example:80"),
    ],
)
def test_somebody_here_reaches_it_under_an_address_that_works(host, url):
    assert url_of(host, 80) == url
