"""Rules of the house that no linter knows."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def test_no_work_is_left_in_a_comment():
    words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "raise NotImplemented" + "Error"]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in tracked("*.py", "dev", "*.yaml")
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]

    assert found == []


def test_files_and_functions_have_a_readable_size():
    result = subprocess.run(
        [sys.executable, ROOT / "tools/sizes.py"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


PACKAGES = ("api/*.py", "kd_core/*.py", "migrations/*.py", "stillhouse/*.py", "worker/*.py")


@pytest.mark.parametrize("path", tracked(*PACKAGES), ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_opens_with_what_lives_there(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]

    assert first.startswith('"""')
    assert len(first) > 10


def test_the_constraints_name_no_address():
    assert "://" not in (ROOT / "constraints.txt").read_text()


def test_ci_runs_the_verbs_that_people_run():
    verbs = [
        line.split()[1]
        for line in (ROOT / ".ci/run").read_text().splitlines()
        if line.startswith("./dev ")
    ]

    assert verbs == ["lint", "types", "check", "test"]


def test_every_verb_of_dev_is_listed_by_dev():
    text = (ROOT / "dev").read_text()
    known = re.search(r"^(setup \|.*)\) setup ;;$", text, flags=re.MULTILINE)
    listed = subprocess.run([ROOT / "dev"], capture_output=True, text=True, check=True).stdout
    shown = [line.split()[0] for line in listed.splitlines() if line.startswith("  ")]

    assert known.group(1).split(" | ") == shown


def test_an_unknown_verb_is_a_usage_error():
    result = subprocess.run([ROOT / "dev", "tset"], capture_output=True, text=True, check=False)

    assert result.returncode == 64
    assert "there is no verb 'tset'" in result.stderr
