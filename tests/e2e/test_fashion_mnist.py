"""The study of the results page on a miniature of its data: killed in the middle, it goes on."""

import gzip
import json
import re
import struct
import subprocess
import sys

import numpy as np
import pytest

from tests.support.readme import ROOT

SCRIPT = ROOT / "examples/fashion_mnist.py"
SIDE, CLASSES = 28, 10


def garments(count, seed):
    """Ten classes that a few steps tell apart: where the bright bar lies."""
    draw = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    images = draw.integers(0, 60, (count, SIDE, SIDE))
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 4 : 2 * label + 7] = 250
    return images, labels


def idx(array):
    shape = struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(bytes((0, 0, 8, array.ndim)) + shape + array.astype(np.uint8).tobytes())


@pytest.fixture
def data(tmp_path):
    """The four files of the package, with 140 and 20 images."""
    folder = tmp_path / "fashion-mnist"
    folder.mkdir()
    for split, count in {"train": 140, "t10k": 20}.items():
        images, labels = garments(count, seed=count)
        (folder / f"{split}-images-idx3-ubyte.gz").write_bytes(idx(images))
        (folder / f"{split}-labels-idx1-ubyte.gz").write_bytes(idx(labels))
    return folder


def command(data, out):
    sizes = ["--images", "100", "--epochs", "20", "--seeds", "0", "1", "--threads", "1"]
    rows = ["--only", "alone", "kd"]
    return [sys.executable, SCRIPT, "--data", data, "--out", out, *sizes, *rows]


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_and_ends_with_the_table(data, tmp_path):
    out = tmp_path / "out"
    with subprocess.Popen(command(data, out), stdout=subprocess.PIPE, text=True) as killed:
        first = killed.stdout.readline()
        next(line for line in killed.stdout if re.search(r"\bkd +epoch 3\b", line))
        killed.kill()
    teacher = (out / "teacher/report.json").stat().st_mtime_ns
    again = subprocess.run(command(data, out), capture_output=True, text=True, check=False)
    events = [json.loads(line) for line in (out / "kd/events.jsonl").read_text().splitlines()]

    assert again.returncode == 0, again.stderr
    assert first == "time budget, from a probe on this machine:\n"
    assert re.search(r"^  teacher +done$", again.stdout, flags=re.MULTILINE)
    assert (out / "teacher/report.json").stat().st_mtime_ns == teacher
    assert [event["type"] for event in events].count("job.started") == 2
    assert again.stdout.endswith((out / "results.md").read_text() + "\n")
    rows = re.findall(r"^\| (student alone|KD) \| \d+\.\d\d ± ", again.stdout, flags=re.MULTILINE)
    assert rows == ["student alone", "KD"]
    assert int(re.search(r"\((\d+) times fewer\)", again.stdout)[1]) >= 10


def test_without_the_data_it_says_what_to_install(tmp_path):
    result = subprocess.run(
        command(tmp_path / "nowhere", tmp_path / "out"), capture_output=True, text=True, check=False
    )

    assert result.returncode == 1
    assert "apt-get install dataset-fashion-mnist" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture
def fashion(monkeypatch):
    """The study's own modules, as the script finds them."""
    monkeypatch.syspath_prepend(ROOT / "examples")


@pytest.mark.usefixtures("fashion")
@pytest.mark.parametrize(("flags", "images"), [([], 20_000), (["--full"], 60_000)])
def test_it_takes_a_third_of_the_images_or_all(flags, images):
    import fashion_mnist

    study = fashion_mnist.asked_for(fashion_mnist.parser().parse_args(flags))

    assert (study.images, study.epochs, study.seeds) == (images, 10, (0, 1, 2))


@pytest.mark.usefixtures("fashion")
@pytest.mark.parametrize("images", [-1, 0, 9, 60_001])
def test_more_images_than_there_are_or_too_few_are_refused(data, tmp_path, capsys, images):
    import fashion_mnist

    code = fashion_mnist.main(
        ["--data", f"{data}", "--out", f"{tmp_path}", "--images", f"{images}"]
    )

    assert code == 1
    assert "between 10, one of each class, and 60000" in capsys.readouterr().err


@pytest.mark.usefixtures("fashion")
def test_the_results_page_has_a_row_for_every_method():
    from fashion.study import METHODS

    page = (ROOT / "docs/results.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| ([^|]+) \|.*`--only ([\w-]+)` \|$", page, flags=re.MULTILINE)
    assert rows == [(title, name) for name, (title, _) in METHODS.items()]


@pytest.mark.usefixtures("fashion")
def test_every_document_of_the_study_is_a_specification(tmp_path):
    from fashion.study import METHODS, Study

    from kd_core.spec import parse_spec

    study = Study(tmp_path, images=100, epochs=2, seeds=(0, 1), threads=None)
    specs = [parse_spec(study.document(name)) for name in ["teacher", *METHODS]]

    assert len({spec.fingerprint for spec in specs}) == len(METHODS) + 1


@pytest.mark.usefixtures("fashion")
def test_the_pause_after_a_kill_is_not_counted(tmp_path):
    from fashion.budget import seconds_in

    phase = {"phase": "training"}
    told = [(0, "started", {}), (5, "phase_changed", phase), (15, "progress", {})]
    told += [(3015, "started", {}), (3020, "phase_changed", phase), (3050, "progress", {})]
    lines = [
        {
            "type": f"job.{what}",
            "at": f"2026-01-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}Z",
        }
        | {"data": details}
        for at, what, details in told
    ]
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")

    assert seconds_in(tmp_path, "training") == 40
