"""`still predict` says of files what the run said of them, and every mistake in a sentence."""

import csv
import json
import shutil
import subprocess
import sys

import pytest
import yaml
from PIL import Image

from stillhouse.cli.main import answer
from tests.support.small_runs import OWN_TEACHER, WITH_TEACHER, save_teacher, small_spec, stripes

BROUGHT = WITH_TEACHER["teacher"]
SEVERAL = [{**BROUGHT, "weight": 1}, {**BROUGHT, "checkpoint": "file:more/second.safetensors"}]
TEACHERS = {"brought": {"teacher": BROUGHT}, "own": {"teacher": OWN_TEACHER}, "none": {},
            "several": {"teachers": SEVERAL}}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Runs with a teacher of each kind, beside the images and the teachers."""
    root = tmp_path_factory.mktemp("runs")
    for number, (image, label) in enumerate(zip(*stripes(20, side=24), strict=True)):
        folder = root / "images" / ("across", "down")[label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{number}.png")
    save_teacher(root / "teacher.safetensors")
    (root / "more").mkdir()
    save_teacher(root / "more/second.safetensors", seed=4)
    for name, teacher in TEACHERS.items():
        data = {"dataset": "file:images", "image_size": 16}
        loss = "kd" if teacher else "ce"
        (root / f"{name}.yaml").write_text(
            yaml.safe_dump(small_spec(data=data, loss=loss, **teacher))
        )
        assert answer(["distill", str(root / f"{name}.yaml"), "--out", str(root / name)]) == 0
    return root


@pytest.fixture
def here(root, monkeypatch):
    """Somebody who is in the folder that the specifications begin at."""
    monkeypatch.chdir(root)
    return root


def rows(root, name):
    with (root / name / "predictions.csv").open() as file:
        return list(csv.DictReader(file))


def said(capsys, *words):
    code = answer(["predict", *map(str, words)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize("name", ["brought", "own", "several"])
def test_student_and_teacher_say_of_the_files_what_they_said_in_the_run(here, capsys, name):
    known = rows(here, name)
    files = [f"images/{row['sample']}" for row in known]
    capsys.readouterr()
    code, out, _ = said(capsys, name, *files, "--teacher", "--json")
    found = json.loads(out)

    assert (0, "safetensors") == (code, found["artifact"])
    for row, one in zip(known, found["images"], strict=True):
        assert int(row["student"]) == one["student"][0]["index"]
        assert int(row["teacher"]) == one["teacher"][0]["index"]
        assert one["agrees"] == (row["student"] == row["teacher"])
        assert 1 == pytest.approx(sum(guess["probability"] for guess in one["teacher"]))
        assert one["student"][0]["class"] == ("across", "down")[int(row["student"])]


@pytest.mark.usefixtures("here")
def test_a_person_sees_a_table(capsys):
    code, out, err = said(capsys, "own", "images/across/0.png", "images/down/1.png", "--teacher")
    title, first, second, *_ = out.splitlines()

    assert (0, "") == (code, err)
    assert ["image", "safetensors", "teacher"] == title.split()
    assert ["images/across/0.png", "%"] == [first.split()[0], first.rstrip()[-1]]
    assert {"across", "down"} == {first.split()[1], second.split()[0]}
    assert "both give the same first answer to " in out


@pytest.mark.usefixtures("here")
def test_only_as_many_classes_are_shown_as_asked_for(capsys):
    _, out, _ = said(capsys, "none", "images/down/1.png", "--top", "1", "--json")

    assert 1 == len(json.loads(out)["images"][0]["student"])


@pytest.mark.parametrize(("name", "code"), [("own", "teacher_missing"), ("none", "model_invalid")])
def test_a_teacher_that_is_not_there_is_told(root, tmp_path, capsys, name, code):
    shutil.copytree(root / name, tmp_path / name)
    shutil.rmtree(tmp_path / name / "teacher", ignore_errors=True)
    answered, out, err = said(
        capsys, tmp_path / name, root / "images/down/1.png", "--teacher", "--json"
    )

    assert (6, "") == (answered, out)
    assert code == json.loads(err)["problems"][0]["code"]
    assert "ask without --teacher" in err


def test_a_teacher_whose_file_was_moved_is_named(root, tmp_path, monkeypatch, capsys):
    shutil.copytree(root / "brought", tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    code, _, err = said(capsys, "run", root / "images/down/1.png", "--teacher")

    assert 6 == code
    assert "the teacher of this run was teacher.safetensors, and there is no such file" in err
    save_teacher(tmp_path / "teacher.safetensors", seed=9)
    code, _, err = said(capsys, "run", root / "images/down/1.png", "--teacher")
    assert 6 == code
    assert "is not the one that taught in this run" in err


def test_a_folder_that_was_pulled_tells_of_no_teacher(root, tmp_path, capsys):
    shutil.copytree(root / "own", tmp_path / "run")
    (tmp_path / "run/run.json").unlink()
    code, _, err = said(capsys, tmp_path / "run", root / "images/down/1.png", "--teacher")

    assert 6 == code
    assert "does not tell which teacher" in err
    assert 0 == said(capsys, tmp_path / "run", root / "images/down/1.png")[0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["own", "images"], "images: this is a folder"),
        (["own", "own.yaml"], "own.yaml: the image is none of PNG"),
        (["own", "images/gone.png"], "images/gone.png: the image cannot be read"),
        (["images", "images/down/1.png"], "images/report.json: this is not the folder"),
        (["nowhere", "images/down/1.png"], "nowhere/report.json: this is not the folder"),
        (["own", "images/down/1.png", "--artifact", "onnx"], "there are: safetensors"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_mistake_is_a_sentence(capsys, words, sentence):
    code, out, err = said(capsys, *words)

    assert (6, "") == (code, out)
    assert sentence in err


@pytest.mark.parametrize("words", [["own"], [], ["own", "x.png", "--top", "0"]])
def test_a_wrong_command_line_is_a_usage_error(capsys, words):
    assert 64 == said(capsys, *words)[0]


def test_what_is_missing_is_named_with_the_command_that_installs_it(here):
    code = """
import sys
for name in sys.argv[1].split(): sys.modules[name] = None
from stillhouse.cli.main import answer
sys.exit(answer(["predict", *sys.argv[2:]]))
"""

    def without(modules):
        words = [sys.executable, "-c", code, modules, "own", "images/down/1.png"]
        return subprocess.run(words, cwd=here, capture_output=True, text=True, check=False)

    bare, torchless = without("numpy PIL torch"), without("torch timm safetensors")

    assert (1, 1) == (bare.returncode, torchless.returncode)
    assert "needs numpy, PIL\n  pip install onnxruntime numpy pillow" in bare.stderr
    assert "runs the artifact safetensors here and needs torch, timm" in torchless.stderr
    assert "pip install 'stillhouse[local]'" in torchless.stderr
