"""Where the service is and whose key is used: and that a key never goes to another service."""

import stat

import pytest

from stillhouse.client import FileUnusable, Login, NotLoggedIn, find_login
from stillhouse.client.login import (
    checked_key,
    checked_url,
    config_file,
    data_folder,
    is_loopback,
    read_login,
    write_login,
)

HERE = Login("http://127.0.0.1:8080", "sh_live_here")


@pytest.fixture
def environ(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_what_is_written_is_read(environ):
    path = config_file(environ)
    write_login(path, HERE)

    assert read_login(path) == HERE
    assert find_login(environ) == HERE


def test_nobody_else_may_read_the_key(environ):
    path = config_file(environ)
    path.parent.mkdir(mode=0o755)
    path.write_text("")
    path.chmod(0o644)
    write_login(path, HERE)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_the_key_is_not_in_what_is_printed_of_a_login():
    assert "sh_live_here" not in repr(HERE)


def test_the_environment_goes_first(environ):
    write_login(config_file(environ), HERE)
    told = environ | {"STILLHOUSE_URL": "https://x/", "STILLHOUSE_API_KEY": "sh_live_x"}

    assert find_login(told) == Login("https://x", "sh_live_x")


def test_a_key_of_the_environment_is_for_the_service_of_the_file(environ):
    write_login(config_file(environ), HERE)

    assert find_login(environ | {"STILLHOUSE_API_KEY": "sh_live_x"}) == Login(HERE.url, "sh_live_x")


def test_a_stored_key_is_not_sent_to_another_service(environ):
    write_login(config_file(environ), HERE)

    with pytest.raises(NotLoggedIn, match="the stored key is for"):
        find_login(environ | {"STILLHOUSE_URL": "https://elsewhere.example"})


def test_a_stored_key_is_for_its_own_service_however_it_is_spelt(environ):
    write_login(config_file(environ), HERE)

    assert find_login(environ | {"STILLHOUSE_URL": f"{HERE.url}/"}) == HERE


def test_nobody_logged_in_is_told_how(environ):
    with pytest.raises(NotLoggedIn) as refused:
        find_login(environ)
    assert "still login" in str(refused.value)


@pytest.mark.parametrize("text", ["url = ", "url = 1\nkey = 2\n", "\0", 'url = "http://x"\n'])
def test_a_broken_file_is_named(environ, text):
    path = config_file(environ)
    path.parent.mkdir()
    path.write_text(text)

    with pytest.raises(NotLoggedIn, match=str(path)):
        find_login(environ)


@pytest.mark.parametrize(
    "text",
    ["", "x", "ftp://x", "http://", "http://x y", "http://x?a=1", "http://x#a", "http://x:99999",
     "http://user:secret@x", "//x", "http://[x"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(NotLoggedIn):
        checked_url(text)


@pytest.mark.parametrize("text", ["", "  ", "a b", "ключ", "a\nb"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(NotLoggedIn):
        checked_key(text)


def test_a_path_of_a_proxy_is_kept():
    assert checked_url(" https://x/still/ ") == "https://x/still"


@pytest.mark.parametrize(
    ("url", "near"),
    [("http://127.0.0.1:1", True), ("http://[::1]:1", True), ("http://localhost", True),
     ("http://127.0.0.1.example", False), ("https://10.0.0.1", False)],
)  # fmt: skip
def test_what_is_on_this_machine_is_known(url, near):
    assert is_loopback(url) is near


def test_a_relative_folder_of_the_environment_is_ignored(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert data_folder({"XDG_DATA_HOME": "x"}) == tmp_path / ".local/share/stillhouse"
    assert data_folder({"XDG_DATA_HOME": "/x"}).as_posix() == "/x/stillhouse"


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(FileUnusable, match="cannot be written"):
        write_login(tmp_path / "file" / "config.toml", HERE)
