"""Where the service is and which key to use: arguments, the environment, or config.toml."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from stillhouse.client.errors import FileUnusable, NotLoggedIn

URL = "STILLHOUSE_URL"
KEY = "STILLHOUSE_API_KEY"
HOW = f"`still up` starts a service here; `still login` or {URL} and {KEY} name another one"


@dataclass(frozen=True)
class Login:
    url: str
    key: str = field(repr=False)


def config_file(environ: Mapping[str, str]) -> Path:
    return _home(environ, "XDG_CONFIG_HOME", ".config") / "config.toml"


def state_folder(environ: Mapping[str, str]) -> Path:
    """What is worth remembering and no loss to lose."""
    return _home(environ, "XDG_STATE_HOME", ".local/state")


def data_folder(environ: Mapping[str, str]) -> Path:
    return _home(environ, "XDG_DATA_HOME", ".local/share")


def cache_folder(environ: Mapping[str, str]) -> Path:
    """What can be fetched or made again."""
    return _home(environ, "XDG_CACHE_HOME", ".cache")


def _home(environ: Mapping[str, str], variable: str, default: str) -> Path:
    told = environ.get(variable, "")
    # The XDG specification: what is not absolute is to be ignored.
    base = Path(told) if told.startswith("/") else Path.home() / default
    return base / "stillhouse"


def find_login(environ: Mapping[str, str]) -> Login:
    """The environment goes first; what it leaves open, config.toml says."""
    url, key = environ.get(URL, "").strip(), environ.get(KEY, "").strip()
    if url and key:
        return Login(checked_url(url), checked_key(key))
    stored = read_login(config_file(environ))
    if stored is None:
        missing = KEY if url else URL if key else f"{URL} and {KEY}"
        raise NotLoggedIn(f"no service is known: {missing} not set, nobody logged in", hint=HOW)
    if url and checked_url(url) != stored.url:
        # A key is a secret between a user and one service: no other one gets to see it.
        message = f"{URL} is {url}, and the stored key is for {stored.url}"
        raise NotLoggedIn(message, hint=f"set {KEY}, or `still login --url {url}`")
    return Login(stored.url, checked_key(key) if key else stored.key)


def read_login(path: Path) -> Login | None:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotLoggedIn(f"{path} cannot be read: {error}", hint="`still login` anew") from None
    url, key = document.get("url"), document.get("key")
    if not isinstance(url, str) or not isinstance(key, str):
        raise NotLoggedIn(f"{path} has no url and key", hint="`still login` anew")
    return Login(checked_url(url), checked_key(key))


def write_login(path: Path, login: Login) -> None:
    # A TOML basic string is a JSON string, for everything that a URL or a key may hold.
    text = f"url = {json.dumps(login.url)}\nkey = {json.dumps(login.key)}\n"
    write_secret(path, text)


def write_secret(path: Path, text: str) -> None:
    """A file that nobody else can read, not even for the moment in which it is written."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(partial, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        message = f"cannot be written: {error.strerror}"
        raise FileUnusable(message, hint="check who may write there", file=str(path)) from None


def checked_url(text: str) -> str:
    """A server's address without the final slash; the path is kept, a proxy may want one."""
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url or parts.query or parts.fragment:
        message = f"{text!r} is not the address of a service"
        raise NotLoggedIn(
            message, hint="such as https://stillhouse.example or http://127.0.0.1:8080"
        )
    if parts.username or parts.password:
        raise NotLoggedIn(
            "a user name or a password in the address is not used", hint="leave it out"
        )
    return url


def checked_key(text: str) -> str:
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise NotLoggedIn("this is not an API key", hint="a key begins with sh_live_")
    return key


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
