"""From a checkpoint and a folder of images to an int8 model, by the screens alone."""

import hashlib
import re

import onnxruntime
import pytest
from playwright.sync_api import expect

from tests.support.dashboard import save_folder, section
from tests.support.small_runs import SIDE, save_teacher

pytestmark = pytest.mark.slow
ARCHITECTURE = "test_efficientnet"
EPOCHS = 150
"""Half a minute: long enough to be watched."""
INT8 = "onnx_int8"


def add_model(page, checkpoint, name):
    page.get_by_role("link", name="Library").click()
    page.get_by_role("button", name="Add a model").first.click()
    dialog = page.get_by_role("dialog", name="Add a model")
    dialog.get_by_label("Architecture of the weights").fill(ARCHITECTURE)
    dialog.get_by_label("Name of the model").fill(name)
    dialog.get_by_label("File to upload").set_input_files(checkpoint)
    registered(page, name).get_by_role("button", name="Close").click()


def add_dataset(page, folder, name):
    page.get_by_role("tab", name="Data sets").click()
    page.get_by_role("button", name="Add a data set").first.click()
    dialog = page.get_by_role("dialog", name="Add a data set")
    dialog.get_by_label("Name of the data set").fill(name)
    dialog.get_by_label("Folder to upload").set_input_files(folder)
    return registered(page, name)


def registered(page, name):
    """What is told of it once a worker has looked at it."""
    details = page.get_by_role("dialog", name=name)
    expect(details.get_by_role("link", name="Use in a new job")).to_be_visible()
    return details


def compose(page, name):
    """A job with the data that is chosen already."""
    teacher = section(page, "Teacher")
    model = teacher.get_by_role("combobox", name="Model")
    model.select_option(label=f"a teacher of stripes · {ARCHITECTURE}")
    teacher.get_by_text("More about the teacher").click()
    teacher.get_by_label("Force").check()  # nobody trained it
    data = section(page, "Data")
    data.get_by_text("More about the data").click()
    data.get_by_label("Image size").fill(str(SIDE))
    student = section(page, "Student")
    student.get_by_role("searchbox", name="Architecture").fill("test_eff")
    student.get_by_role("button", name=f"Choose {ARCHITECTURE}", exact=True).click()
    section(page, "Loss").get_by_label("Name of the loss").select_option("kd")
    recipe = section(page, "Recipe")
    recipe.get_by_text("Recipe: settings").click()
    recipe.get_by_label("Epochs", exact=True).first.fill(str(EPOCHS))
    recipe.get_by_label("Batch size", exact=True).fill("8")
    ship_in_int8(section(page, "Exports"))
    demand_a_small_file(section(page, "Gates"))
    page.get_by_label("Name", exact=True).fill(name)


def ship_in_int8(exports):
    exports.get_by_role("button", name="Add exports").click()
    second = exports.get_by_role("group", name="Exports 2")  # the weights are there by default
    second.get_by_role("combobox", name="Format").select_option(label=INT8)
    second.get_by_role("checkbox", name="Required").check()


def demand_a_small_file(gates):
    gates.get_by_role("button", name="Add gates").click()
    gates.get_by_role("combobox", name="Metric").select_option(label="size_mb")
    gates.get_by_role("combobox", name="Op").select_option(label="<=")
    gates.get_by_role("textbox", name="Value").fill("5")
    gates.get_by_role("textbox", name="Of").fill(INT8)


def watch_until_it_has_succeeded(page):
    """On the curves, which grow meanwhile."""
    page.get_by_role("tab", name="Curves").click()
    figure = page.get_by_role("figure").first
    figure.get_by_text("Numbers", exact=True).click()
    points = figure.get_by_role("table").get_by_role("cell").first
    expect(points).to_have_text(re.compile(r"\d"))
    first = int(points.inner_text().replace(",", ""))
    expect(page.locator("main").get_by_text("succeeded", exact=True).first).to_be_visible()
    expect(points).not_to_have_text(f"{first:,}")
    assert int(points.inner_text().replace(",", "")) > first


def test_a_new_user_uploads_trains_and_takes_an_int8_model_home(page, stillhouse, tmp_path):
    checkpoint = tmp_path / "teacher.safetensors"
    save_teacher(checkpoint, architecture=ARCHITECTURE)
    add_model(page, checkpoint, "a teacher of stripes")
    details = add_dataset(page, save_folder(tmp_path / "stripes"), "a folder of stripes")
    details.get_by_role("link", name="Use in a new job").click()
    compose(page, "from files to a model")
    page.get_by_role("button", name="Submit the job").click()
    expect(page.get_by_role("heading", name="from files to a model")).to_be_visible()
    job_id = page.url.rpartition("/")[2].partition("?")[0]
    page.evaluate("window.isTheSamePage = true")
    watch_until_it_has_succeeded(page)
    (file,) = [one for one in stillhouse.client.jobs.artifacts(job_id) if one.format == INT8]
    page.get_by_role("tab", name="Overview").click()
    gate = section(page, "Gates").get_by_role("listitem")
    expect(gate.get_by_text("met", exact=True)).to_be_visible()
    expect(gate).to_contain_text(f"size_mb of {INT8} ≤ 5.00")
    expect(gate).to_contain_text(f"{file.bytes / 1_000_000:.3g}")
    page.get_by_role("tab", name="Artifacts").click()
    line = page.get_by_role("row").filter(has_text=file.sha256)
    with page.expect_download() as download:
        line.get_by_role("button", name=f"Download {file.name}").click()
    model = download.value.path()
    assert page.evaluate("window.isTheSamePage")

    assert hashlib.sha256(model.read_bytes()).hexdigest() == file.sha256
    (taken,) = onnxruntime.InferenceSession(model).get_inputs()
    assert taken.shape[-2:] == [SIDE, SIDE]
