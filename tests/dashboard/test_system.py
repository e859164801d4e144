"""What the service is made of, and its keys: made, rotated and revoked on their screen."""

import re

import httpx2
import pytest
from playwright.sync_api import expect

from tests.support.dashboard import sign_in

TOKEN = re.compile(r"^sh_live_\w+$")


@pytest.fixture
def keys(page):
    page.get_by_role("link", name="System").click()
    page.get_by_role("tab", name="Keys").click()
    expect(page.get_by_role("button", name="New key")).to_be_visible()
    return page


def make(page, name):
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill(name)
    dialog.get_by_role("checkbox", name="data:write").uncheck()
    dialog.get_by_label("Project").fill("shelves")
    dialog.get_by_role("button", name="Make the key").click()
    return kept(page)


def kept(page):
    """The token, read off the screen and put away."""
    token = page.get_by_role("dialog").get_by_text(TOKEN).inner_text()
    page.get_by_role("button", name="I have kept it").click()
    return token


def choose(page, name, verb):
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=verb).click()
    return page.get_by_role("dialog")


def who(stillhouse, token):
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(f"{stillhouse.url}/v1/me", headers=headers, trust_env=False)


def test_a_key_is_made_rotated_with_an_overlap_and_revoked(keys, stillhouse):
    first = make(keys, "nightly")
    assert first not in keys.content()
    made = who(stillhouse, first).json()["key"]
    dialog = choose(keys, "nightly", "Rotate…")
    dialog.get_by_label("The token that it has now").select_option("is good for another hour")
    dialog.get_by_role("button", name="Rotate it").click()
    second = kept(keys)
    during = [who(stillhouse, token).status_code for token in (first, second)]
    dialog = choose(keys, "nightly", "Rotate…")
    dialog.get_by_label("The token that it has now").select_option("ends at once")
    dialog.get_by_role("button", name="Rotate it").click()
    third = kept(keys)
    after = [who(stillhouse, token).status_code for token in (first, second, third)]
    choose(keys, "nightly", "Revoke…").get_by_role("button", name="Revoke it").click()
    expect(keys.get_by_role("button", name="Actions for nightly")).to_have_count(0)

    assert (made["name"], made["project"]) == ("nightly", "shelves")
    assert set(made["scopes"]) == {"jobs:read", "jobs:write", "artifacts:read"}
    assert made["expires_at"] is not None
    assert during == [200, 200]
    assert after == [401, 401, 200]
    assert who(stillhouse, third).status_code == 401


def test_a_key_without_a_scope_is_told_which_it_lacks(stranger, stillhouse):
    made = stillhouse.client.keys.create("uploads only", scopes=["data:write"])
    sign_in(stranger, made.token)
    for tab, scope in {"workers": "jobs:read", "storage": "jobs:read", "keys": "admin"}.items():
        stranger.goto(f"/system?tab={tab}")
        lacks = stranger.get_by_text(f"It lacks the scope {scope}.")
        expect(lacks).to_be_visible()


@pytest.mark.usefixtures("dataset")
def test_the_machine_that_works_and_the_room_it_takes_are_shown(page):
    page.goto("/system")
    expect(page.get_by_role("row").filter(has_text="active")).to_be_visible()
    page.get_by_role("tab", name="Queue").click()
    expect(page.get_by_text("Jobs at once")).to_be_visible()
    page.get_by_role("tab", name="Storage").click()

    expect(page.get_by_role("row").filter(has_text="Data sets")).to_be_visible()
