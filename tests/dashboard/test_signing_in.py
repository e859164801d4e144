"""Into the dashboard, with a key or with a code; and the key stays out of every address."""

import re

from playwright.sync_api import expect

from tests.support.dashboard import sign_in

JOBS = re.compile(r"/jobs$")


def heading(page, name):
    return page.get_by_role("heading", name=name, exact=True)


def test_a_wrong_key_is_told_beside_the_field_and_the_right_one_opens(stranger, stillhouse):
    stranger.goto("/")
    field = stranger.get_by_label("API key")
    field.fill(f"{stillhouse.key[:-1]}x")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_text("This key is not known here")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(stillhouse.key)
    field.press("Enter")

    expect(heading(stranger, "Jobs")).to_be_visible()


def test_still_open_leads_in_once_and_its_code_is_gone_from_the_address(stranger, stillhouse):
    address = stillhouse.up.home.json("open", "--no-browser")["url"]
    stranger.goto(address)
    expect(heading(stranger, "Jobs")).to_be_visible()
    expect(stranger).to_have_url(JOBS)
    stranger.reload()
    expect(heading(stranger, "Jobs")).to_be_visible()
    with stranger.context.browser.new_context() as other:
        again = other.new_page()
        again.goto(address)

        expect(again.get_by_text("Sign in refused")).to_be_visible()


def test_the_key_is_in_no_address_and_is_forgotten_with_the_tab(stranger, stillhouse):
    sign_in(stranger, stillhouse.key)
    stranger.goto("/new")
    expect(heading(stranger, "New job")).to_be_visible()
    secret = stillhouse.key.rpartition("_")[2]
    other = stranger.context.new_page()
    other.goto("/jobs")

    expect(other.get_by_label("API key")).to_be_visible()
    assert [address for address in stranger.addresses if secret in address] == []
    assert secret not in stranger.url
    assert stranger.context.cookies() == []
    assert stranger.evaluate("JSON.stringify(localStorage)").count(secret) == 0


def test_a_deep_link_opens_after_signing_in(stranger, stillhouse):
    stranger.goto("/jobs?state=failed&name=shelf")
    stranger.get_by_label("API key").fill(stillhouse.key)
    stranger.get_by_role("button", name="Sign in").click()

    expect(stranger.get_by_label("Name contains")).to_have_value("shelf")
    expect(stranger).to_have_url(re.compile(r"/jobs\?state=failed&name=shelf$"))


def test_whoever_signs_out_is_outside_and_stays_there(page):
    page.get_by_role("button", name=re.compile("Signed in as")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    page.reload()

    expect(page.get_by_label("API key")).to_be_visible()


def test_a_key_that_is_revoked_ends_the_session_where_it_was(stranger, stillhouse):
    made = stillhouse.client.keys.create("soon gone", scopes=["jobs:read"])
    sign_in(stranger, made.token)
    stillhouse.client.keys.revoke(made.id)
    stranger.get_by_label("Name contains").fill("shelf")
    expect(stranger.get_by_text("You are signed out")).to_be_visible()
    stranger.get_by_label("API key").fill(stillhouse.key)
    stranger.get_by_role("button", name="Sign in").click()

    expect(heading(stranger, "Jobs")).to_be_visible()
