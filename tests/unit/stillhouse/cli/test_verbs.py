"""The list of verbs: it knows what each is for, and costs none of what they bring."""

import json
import subprocess
import sys

import pytest

from stillhouse.cli.main import answer, still
from stillhouse.cli.verbs import VERBS, command

MUST_WAIT = {"httpx2", "kd_core", "pydantic", "rich", "stillhouse.client", "yaml"}


def imported_by(*arguments):
    """What one command line has imported by its end, beside the interpreter's own."""
    code = (
        "import json, sys; from stillhouse.cli.main import answer; "
        f"code = answer({list(arguments)!r}); print(json.dumps([code, *sys.modules]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    code, *modules = json.loads(result.stdout.splitlines()[-1])
    return code, set(modules)


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_is_listed_with_the_first_sentence_of_its_own_help(name):
    own = command(name)

    assert name == own.name
    assert VERBS[name].sentence == " ".join(own.help.split("\n\n")[0].split())


def test_help_lists_every_verb_and_what_it_is_for(capsys):
    assert answer(["--help"]) == 0
    printed = capsys.readouterr().out

    assert all(f"  {name} " in printed for name in VERBS)
    assert "Upload, list and remove models." in printed


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []], ids=str)
def test_the_list_of_verbs_costs_none_of_what_they_bring(arguments):
    code, modules = imported_by(*arguments)

    assert code == (0 if arguments else 64)
    assert set() == MUST_WAIT & modules


def test_a_verb_brings_what_it_needs_itself():
    code, modules = imported_by("jobs", "--help")

    assert code == 0
    assert {"httpx2", "pydantic", "stillhouse.client"} <= modules
    assert "stillhouse.cli.distill" not in modules


def test_a_misspelled_verb_is_answered_with_the_one_that_is_meant(capsys):
    assert answer(["jbos"]) == 64
    assert "Did you mean 'jobs'?" in capsys.readouterr().err


def test_a_shell_completes_verbs_and_the_options_of_a_verb(monkeypatch, capsys):
    monkeypatch.setenv("_STILL_COMPLETE", "bash_complete")
    for words, cword in (("still res", "1"), ("still jobs --sta", "2")):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", cword)
        with pytest.raises(SystemExit):
            still.main(prog_name="still")

    assert ["plain,restore", "plain,resume", "plain,--state"] == capsys.readouterr().out.split()
