"""Jobs side by side: their curves, what they ask for, and which of their models meet a budget."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.dashboard import row, section

pytestmark = pytest.mark.slow
FADED = re.compile("faded")
MOST_STEPS = 200
"""A budget moves four pixels with each key."""


@pytest.fixture(scope="module")
def other(stillhouse, dataset):
    """Of another architecture, so that its size is another."""
    student = {"architecture": "test_resnet"}
    made = stillhouse.submit(dataset, "of another size", student=student)
    return stillhouse.client.jobs.wait(made.id)


def compare(page, *jobs):
    """Ticked in the list of jobs, and laid side by side."""
    for job in jobs:
        row(page, job.name).get_by_role("checkbox").check()
    page.get_by_role("link", name="Compare them").click()
    expect(page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()


def numbers(figure):
    """What is drawn, as a table."""
    figure.get_by_text("Numbers", exact=True).click()
    return figure.get_by_role("table")


def weight(stillhouse, job):
    return max(file.bytes for file in stillhouse.client.jobs.artifacts(job.id))


def test_curves_of_two_jobs_lie_over_each_other(page, pair):
    compare(page, *pair)
    figure = page.get_by_role("figure", name="Accuracy on the validation samples")
    expect(figure.locator("canvas")).to_be_visible()
    table = numbers(figure)

    for job in pair:
        line = table.get_by_role("row").filter(has_text=job.name)
        expect(line.get_by_role("cell").first).to_have_text("1")
        expect(figure.get_by_role("button", name=job.name)).to_have_attribute(
            "aria-pressed", "true"
        )


def test_what_two_jobs_ask_for_differently_is_all_that_is_listed(page, pair):
    compare(page, *pair)
    differences = page.get_by_role("table", name="Differences between the specifications")
    bar = differences.get_by_role("row").filter(has_text="gates.parameters.value")

    expect(bar.get_by_role("cell")).to_have_text(
        ["gates.parameters.value", re.compile(r"^10000000(\.0)?$"), re.compile(r"^10(\.0)?$")]
    )
    expect(differences.get_by_role("row")).to_have_count(2)
    passed, failed = (row(page, job.name) for job in pair)
    expect(passed.get_by_text("1 of 1")).to_be_visible()
    expect(failed.get_by_text("0 of 1")).to_be_visible()


def test_a_budget_that_is_moved_by_keys_marks_who_meets_it(page, stillhouse, pair, other):
    jobs = (pair[0], other)
    compare(page, *jobs)
    worth = section(page, "Worth against cost")
    points = {job.name: worth.get_by_role("button", name=f"{job.name} student") for job in jobs}
    for point in points.values():
        expect(point).to_be_visible()
        expect(point).not_to_have_class(FADED)
    budget = worth.get_by_role("slider", name="Highest size in MB")
    said = worth.get_by_text(re.compile("of 2 models"))
    budget.press("ArrowLeft")
    for _ in range(MOST_STEPS):
        if said.inner_text().startswith("1 of 2"):
            break
        budget.press("ArrowLeft")

    within, beyond = (job.name for job in sorted(jobs, key=lambda job: weight(stillhouse, job)))
    expect(said).to_contain_text(f"the best is {within} student")
    expect(points[within]).not_to_have_class(FADED)
    expect(points[beyond]).to_have_class(FADED)
    worth.get_by_role("button", name="Without budgets").click()
    expect(points[beyond]).not_to_have_class(FADED)
    table = numbers(worth)
    for job in jobs:
        expect(table.get_by_role("row").filter(has_text=job.name)).to_be_visible()
