"""`still report` of a folder: as text, as a page, as JSON, and what it says where there is none."""

import json

import pytest

from kd_core.json_text import json_text
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.main import answer
from tests.support.reports import whole_report


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "report.json").write_text(json_text(whole_report().as_json()))
    return folder


def test_a_folder_is_told_as_text(run, capsys):
    assert ExitCode.OK == answer(["report", str(run)])
    assert capsys.readouterr().out.startswith("# `shelves`: not evaluated\n")


def test_the_file_itself_will_do(run, capsys):
    assert ExitCode.OK == answer(["report", str(run / "report.json"), "--json"])
    assert json.loads(capsys.readouterr().out) == json.loads((run / "report.json").read_text())


def test_a_page_is_written_where_it_is_asked_for(run, tmp_path, capsys):
    page = tmp_path / "new/page.html"

    assert ExitCode.OK == answer(["report", str(run), "--html", str(page)])
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text().startswith("<!DOCTYPE html>")


def test_a_folder_without_a_report_is_a_sentence(tmp_path, capsys):
    assert ExitCode.REJECTED == answer(["report", str(tmp_path)])
    assert "there is no report here" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema": 2}', "[" * 100_000], ids=len)
def test_a_damaged_report_is_a_sentence(run, text, capsys):
    (run / "report.json").write_text(text)

    assert ExitCode.REJECTED == answer(["report", str(run)])
    assert "damaged" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_a_sentence(run, tmp_path, capsys):
    (tmp_path / "file").write_text("")

    assert ExitCode.REJECTED == answer(["report", str(run), "--html", f"{tmp_path}/file/a.html"])
    assert "cannot be written" in capsys.readouterr().err


def test_one_form_at_a_time(run, tmp_path):
    arguments = ["report", str(run), "--json", "--html", str(tmp_path / "a.html")]

    assert ExitCode.USAGE == answer(arguments)
