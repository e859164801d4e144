"""`still curves` against a real server, and what shells are given to complete."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stillhouse.cli.main import answer
from stillhouse.domain.events import MetricPoint
from stillhouse.store import create_engine, session_factory
from tests.support.api_server import Server
from tests.support.service import World


@pytest.fixture(scope="module")
def server(template, key, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server"), template, key) as running:
        yield running


@pytest.fixture(scope="module")
def job(server):
    engine = create_engine(f"sqlite:///{server.database}")
    world = World(session_factory(engine))
    token = world.running()
    points = [MetricPoint("train/loss", step, 9 - step, epoch=1) for step in range(10)]
    points += [MetricPoint("val/top1", 9, 0.5), MetricPoint("val/loss", 9, None, nonfinite="nan")]
    points += [MetricPoint("train/lr", 0, 0.1)]
    with world.work() as uow:
        uow.attempts.report(token, 1, points=points)
    engine.dispose()
    return token.job_id


@pytest.fixture
def curves(server, job, monkeypatch, capsys):
    monkeypatch.setenv("STILLHOUSE_URL", server.url)
    monkeypatch.setenv("STILLHOUSE_API_KEY", server.key)

    def run(*arguments):
        assert answer(["curves", job, *arguments]) == 0
        return capsys.readouterr()

    return run


def test_loss_and_accuracy_are_drawn_with_their_numbers(curves):
    shown = curves().out

    assert "train/loss  last 0, lowest 0 at step 9, highest 9 at step 0" in shown
    assert "val/top1  last 0.5, lowest 0.5 at step 9, highest 0.5 at step 9" in shown
    assert "val/loss  no finite number" in shown
    assert "train/lr" not in shown
    assert shown.count("└") == 2


def test_those_that_are_named_are_drawn_and_no_others(curves):
    named = curves("train/lr", "val/shelf")

    assert named.out.startswith("train/lr  ")
    assert "val/shelf: nothing of this name was measured" in named.err
    assert "train/lr" in curves("all").out


def test_programs_get_the_numbers(curves):
    (loss,) = json.loads(curves("train/loss", "--since", "8", "--json").out)

    assert [[8, 9], [1, 0]] == [loss["steps"], loss["values"]]


@pytest.fixture
def still_program():
    def run(words, instruction):
        return subprocess.run(
            [Path(sys.executable).with_name("still")],
            env={**os.environ, **words, "_STILL_COMPLETE": instruction},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_a_script(shell, capsys):
    assert answer(["completion", shell]) == 0
    assert "_STILL_COMPLETE" in capsys.readouterr().out


def test_verbs_are_completed_with_what_they_are_for(still_program):
    completed = still_program({"COMP_WORDS": "still cur", "COMP_CWORD": "cur"}, "fish_complete")

    assert "plain,curves\tDraw the curves of a job" in completed


def test_options_of_a_verb_are_completed_too(still_program):
    completed = still_program(
        {"COMP_WORDS": "still curves --s", "COMP_CWORD": "--s"}, "fish_complete"
    )

    assert "plain,--since" in completed
