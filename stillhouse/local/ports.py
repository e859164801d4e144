"""Ports of this machine: whether one can be had, and any that is free."""

from __future__ import annotations

import errno
import socket
from contextlib import closing

from stillhouse.local.errors import LocalError

LOOPBACK = "127.0.0.1"
ANYWHERE = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - compared with, not bound to


def check_port(host: str, port: int) -> None:
    """Say why nothing can listen there, before anything is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            # As the server does: a connection that is just closing is nobody who listens.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        message = f"{host!r} is no address of this machine: {error.strerror}"
        raise LocalError(message, hint="--host 127.0.0.1 is the default") from None
    except OSError as error:
        raise _refused(host, port, error) from None


def _refused(host: str, port: int, error: OSError) -> LocalError:
    if error.errno == errno.EADDRINUSE:
        message = f"the port {port} of {host} is in use by another program"
        return LocalError(message, hint=f"choose another one, such as --port {port % 65535 + 1}")
    return LocalError(f"nothing can listen on {host}, port {port}: {error.strerror}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def url_of(host: str, port: int) -> str:
    """How somebody on this machine reaches a server that listens there."""
    near = ANYWHERE.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
