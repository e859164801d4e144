"""Jobs as they are steered: cancelled, retried, cloned, and ended from the list."""

import pytest
from playwright.sync_api import expect

from tests.support.dashboard import row, section

pytestmark = pytest.mark.slow


@pytest.fixture
def job(stillhouse, dataset):
    """One that would go on for hours."""
    made = stillhouse.submit_long(dataset, "long way")
    yield made
    stillhouse.client.jobs.cancel(made.id)


def state(page, name):
    return page.locator("main").get_by_text(name, exact=True).first


def cancel(page):
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the job").click()
    expect(state(page, "cancelled")).to_be_visible()


def test_a_job_is_cancelled_and_retried_as_a_new_one(page, stillhouse, job):
    page.goto(f"/jobs/{job.id}")
    cancel(page)
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.get_by_role("link", name="its parent")).to_be_visible()
    again = page.url.rpartition("/")[2]
    cancel(page)

    assert stillhouse.client.jobs.get(again).parent_id == job.id
    assert stillhouse.client.jobs.get(again).state == "cancelled"


def test_a_clone_begins_as_the_job_was_and_says_what_differs(page, stillhouse, job):
    page.goto(f"/jobs/{job.id}")
    page.get_by_role("button", name="More to do with this job").click()
    page.get_by_role("menuitem", name="Clone…").click()
    expect(page.get_by_role("heading", name="Clone a job")).to_be_visible()
    expect(section(page, "Student").get_by_text("Chosen: test_efficientnet")).to_be_visible()
    epochs = section(page, "Recipe").get_by_label("Epochs", exact=True).first
    expect(epochs).to_have_value("10000")
    epochs.fill("9000")
    page.get_by_label("Name", exact=True).fill("shorter way")
    page.get_by_role("button", name="Submit the job").click()
    expect(page.get_by_role("heading", name="shorter way", exact=True)).to_be_visible()
    made = page.url.rpartition("/")[2]
    cancel(page)

    assert stillhouse.client.jobs.get(made).parent_id == job.id


def test_a_job_is_cancelled_and_deleted_from_its_row(page, stillhouse, job):
    name = f"row of {job.id}"
    stillhouse.client.jobs.update(job.id, name=name)
    page.goto("/jobs")
    actions = row(page, name).get_by_role("button", name=f"Actions for {name}")
    actions.click()
    page.get_by_role("menuitem", name="Cancel…").click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(row(page, name).get_by_text("cancelled", exact=True)).to_be_visible()
    actions.click()
    page.get_by_role("menuitem", name="Delete…").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(row(page, name)).to_have_count(0)
    page.get_by_role("button", name="Trash").click()

    expect(row(page, name)).to_be_visible()
    stillhouse.client.jobs.restore(job.id)
