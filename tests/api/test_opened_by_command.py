"""`still open` against a real server: the address that is printed signs in, once."""

import json
import webbrowser

import httpx2
import pytest

from stillhouse.cli.main import answer
from tests.support.api_server import Server
from tests.support.built_dashboard import built_dashboard


@pytest.fixture(scope="module")
def built(template, key, tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with Server(folder, template, key, dashboard_dir=built_dashboard(folder / "built")) as running:
        yield running


@pytest.fixture
def opened(monkeypatch):
    """Every address that a browser was asked to open."""
    addresses = []
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


@pytest.fixture
def still(monkeypatch, tmp_path, capsys):
    for name in ("CONFIG", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("DISPLAY", ":0")

    def run(server, *arguments, code=0):
        monkeypatch.setenv("STILLHOUSE_URL", server.url)
        monkeypatch.setenv("STILLHOUSE_API_KEY", server.key)
        assert answer(["open", *arguments]) == code
        return capsys.readouterr()

    return run


def test_the_address_signs_in_and_has_no_key_in_it(built, still, opened):
    address = still(built).out.strip()
    url, _, code = address.partition("#code=")
    asked = {"json": {"code": code}, "trust_env": False}
    first, again = (httpx2.post(f"{url}v1/sign-in", **asked) for _ in range(2))

    assert f"{built.url}/" == url
    assert built.key not in address
    assert (201, 401) == (first.status_code, again.status_code)
    assert [] == opened  # what is printed goes into a pipe: nobody looks at a window


def test_a_browser_is_opened_for_who_asks_for_it(built, still, opened):
    printed = still(built, "--browser").out.strip()

    assert [printed] == opened


def test_a_program_is_told_until_when(built, still, opened):
    told = json.loads(still(built, "--json").out)

    assert {"url", "expires_at"} == {*told}
    assert [] == opened


def test_where_there_is_no_dashboard_that_is_said(template, key, tmp_path, still, opened):
    with Server(tmp_path, template, key, dashboard_dir=tmp_path / "nothing") as server:
        said = still(server, "--browser", code=1)

    assert "shows no dashboard" in said.err
    assert "./dev setup" in said.err
    assert [] == opened
