"""A loss that somebody drops into the package: its form is there, and nobody has drawn it."""

import os
import re
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.support.dashboard import Stillhouse, built, section, sign_in, window
from tests.support.local_service import Home, service
from tests.support.new_loss import ROOT, copied, drop_brier

pytestmark = pytest.mark.slow
FIELDS = {
    "temperature": ("Temperature", "0.01 to 1000", "2"),
    "weight": ("Weight", "more than 0, at most 1000000", "1"),
    "warmup_epochs": ("Warmup epochs", "0 to 100000", "0"),
}
"""What each number is called, what it may be, and what it is where nobody writes it."""
TEMPERATURE = re.compile("^loss . 1 . temperature$")


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A service of its own, whose science has one file more."""
    copy = tmp_path_factory.mktemp("extended")
    copied("kd_core", copy)
    drop_brier(copy)
    home = Home(tmp_path_factory.mktemp("home"))
    home.environ["STILLHOUSE_DASHBOARD_DIR"] = str(built())
    home.environ["PYTHONPATH"] = os.pathsep.join(map(str, (copy, ROOT)))
    with service(home) as up, closing(Stillhouse(up)) as found:
        yield found


@pytest.fixture(scope="module")
def declared(extended):
    """What the service says of it, which is all that a form may know."""
    (brier,) = [loss for loss in extended.client.catalog.losses() if loss["kind"] == "brier"]
    return brier["schema"]["properties"]


@pytest.fixture
def form(browser, extended):
    with window(browser, extended.url) as page:
        sign_in(page, extended.key)
        page.get_by_role("link", name="New job").first.click()
        yield page


@pytest.fixture
def term(form):
    """Its own term in the sum that its declaration names, opened to be changed."""
    loss = section(form, "Loss")
    loss.get_by_label("Name of the loss").select_option("brier")
    loss.get_by_text("Own terms", exact=True).click()
    return loss.get_by_role("listitem").nth(1)


def at(page, name):
    return page.locator(f"[data-pointer='/loss/1/{name}']")


def test_it_is_offered_with_what_it_does(form):
    loss = section(form, "Loss")
    loss.get_by_label("Name of the loss").select_option(label="brier · probability regression")

    expect(loss.get_by_text("Bring the student's softened probabilities close")).to_be_visible()
    expect(loss.get_by_text("When probabilities matter more than their order.")).to_be_visible()


def test_it_has_a_field_for_each_parameter_with_its_range_help_and_default(form, term, declared):
    expect(term.get_by_role("combobox", name="Term 2")).to_have_value("brier")
    for name, (label, span, default) in FIELDS.items():
        field = at(form, name)
        expect(field.get_by_role("textbox", name=label)).to_have_attribute("placeholder", default)
        expect(field).to_contain_text(declared[name]["description"])
        expect(field).to_contain_text(span)
    gap = at(form, "gap")
    expect(gap.get_by_role("option")).to_have_text(["squared (default)", "absolute"])
    expect(gap).to_contain_text("How the distance of two probabilities is counted.")
    expect(at(form, "weight").get_by_role("textbox")).to_have_value("0.5")
    expect(term.get_by_role("switch", name="Decay")).not_to_be_checked()

    drawn = term.locator("[data-pointer]").evaluate_all(
        "all => all.map(one => one.dataset.pointer)"
    )
    assert {pointer.removeprefix("/loss/1/") for pointer in drawn} >= set(declared)


@pytest.mark.usefixtures("term")
@pytest.mark.parametrize(
    ("written", "refusal"), [("1001", "1000"), ("0.001", "0.01"), ("warm", "must be a number")]
)
def test_what_is_out_of_range_is_refused_at_its_very_field(form, written, refusal):
    field = at(form, "temperature").get_by_role("textbox")
    field.fill(written)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(at(form, "temperature")).to_contain_text(refusal)
    expect(at(form, "weight").get_by_role("textbox")).not_to_have_attribute("aria-invalid", "true")
    check = section(form, "Check")
    place = check.get_by_role("button", name=TEMPERATURE)
    place.click()
    expect(field).to_be_focused()
    field.fill("3")

    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(place).to_have_count(0)
