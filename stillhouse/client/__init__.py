"""A typed client of the service: HTTP only, and neither torch nor a database behind it."""

from stillhouse.client.errors import (
    ApiError,
    ArtifactUnknown,
    ClientError,
    FileUnusable,
    NotLoggedIn,
    ServerUnreachable,
    TransferBroken,
    WaitTimedOut,
)
from stillhouse.client.login import Login, find_login
from stillhouse.client.retry import Pace
from stillhouse.client.session import StillhouseClient

__all__ = [
    "ApiError",
    "ArtifactUnknown",
    "ClientError",
    "FileUnusable",
    "Login",
    "NotLoggedIn",
    "Pace",
    "ServerUnreachable",
    "StillhouseClient",
    "TransferBroken",
    "WaitTimedOut",
    "find_login",
]
