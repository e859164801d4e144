"""The way of a first job: files are uploaded in the form, and a model is downloaded in the end."""

import re

import pytest
from playwright.sync_api import expect

from kd_core.files import sha256_of
from tests.support.dashboard import save_folder, section
from tests.support.small_runs import save_teacher

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    save_teacher(folder / "teacher.safetensors")
    return folder / "teacher.safetensors", save_folder(folder / "shelves")


def unfold(place, title):
    place.get_by_text(title, exact=True).click()


def upload_teacher(page, file):
    teacher = section(page, "Teacher")
    unfold(teacher, "Upload a checkpoint")
    unfold(teacher, "More about the teacher")
    teacher.get_by_label("Force").check()
    teacher.get_by_label("Architecture of the weights").fill("test_efficientnet")
    teacher.get_by_label("File to upload").set_input_files(file)
    expect(teacher.get_by_role("combobox", name="Model")).to_have_value(re.compile("^mdl_"))


def upload_images(page, folder):
    data = section(page, "Data")
    unfold(data, "Upload images")
    data.get_by_label("Folder to upload").set_input_files(folder)
    expect(data.get_by_role("combobox", name="Data set")).to_have_value(re.compile("shelves@1|ds"))
    unfold(data, "More about the data")
    data.get_by_label("Image size").fill("16")


def choose_student(page, name):
    student = section(page, "Student")
    student.get_by_role("searchbox").fill(name)
    student.get_by_role("button", name=f"Choose {name}", exact=True).click()
    expect(student.get_by_text(f"Chosen: {name}")).to_be_visible()


def fill_in_the_rest(page, name):
    page.get_by_label("Name of the loss").select_option("kd")
    recipe = section(page, "Recipe")
    unfold(recipe, "Recipe: settings")
    recipe.get_by_label("Epochs", exact=True).first.fill("2")
    recipe.get_by_role("textbox", name="Batch size").fill("4")
    section(page, "Exports").get_by_label("Format").select_option(label="onnx_int8")
    gates = section(page, "Gates")
    gates.get_by_role("button", name="Add gates").click()
    gates.get_by_role("combobox", name="Metric").select_option(label="size_mb")
    gates.get_by_role("combobox", name="op").select_option(label="<=")
    gates.get_by_role("textbox", name="Value").fill("20")
    gates.get_by_role("textbox", name="of", exact=True).fill("onnx_int8")
    page.get_by_label("Name", exact=True).fill(name)


def test_files_become_a_job_and_the_job_a_model(page, files, stillhouse, tmp_path):
    checkpoint, folder = files
    page.get_by_role("link", name="New job").first.click()
    upload_teacher(page, checkpoint)
    upload_images(page, folder)
    choose_student(page, "test_efficientnet")
    fill_in_the_rest(page, "shelves")
    expect(page.get_by_text("The service would take this job.")).to_be_visible()
    page.get_by_role("button", name="Submit the job").click()

    # Nothing but what the page hears by itself from here to the end.
    expect(page.get_by_role("heading", name="shelves", exact=True)).to_be_visible()
    page.evaluate("window.isTheSamePage = true")
    expect(page.get_by_text("succeeded", exact=True).first).to_be_visible()
    assert page.evaluate("window.isTheSamePage")

    gates = section(page, "Gates")
    expect(gates.get_by_text("1 of 1 met.")).to_be_visible()
    expect(gates.get_by_text("size_mb of onnx_int8 ≤ 20")).to_be_visible()
    models = page.get_by_role("table", name="Models")
    expect(models.get_by_text("int8", exact=False).first).to_be_visible()

    page.get_by_role("tab", name="Artifacts").click()
    with page.expect_download() as downloading:
        page.get_by_role("button", name=re.compile("Download .*student_int8.onnx")).click()
    file = tmp_path / "student_int8.onnx"
    downloading.value.save_as(file)
    job = page.url.rpartition("/")[2].partition("?")[0]
    kept = {one.path: one for one in stillhouse.client.jobs.artifacts(job)}

    assert sha256_of(file) == kept["onnx_int8/student_int8.onnx"].sha256
    assert not [address for address in page.addresses if stillhouse.key in address]
    assert page.complaints == []
