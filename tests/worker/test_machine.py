"""What a worker tells of its machine."""

import pytest

from worker.machine import gpus, machine_facts


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """A driver that says this."""

    def say(script):
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return say


def test_processors_and_memory_are_told():
    facts = machine_facts()

    assert facts["processors"] >= 1
    assert facts["memory_bytes"] > 10**8
    assert facts["version"]


def test_every_gpu_is_told_with_its_memory(driver):
    driver("printf 'NVIDIA A100, SXM, 81920\\nNVIDIA GB10, [N/A]\\n'")

    assert gpus() == [
        {"name": "NVIDIA A100, SXM", "memory_bytes": 81920 * 2**20},
        {"name": "NVIDIA GB10", "memory_bytes": None},
    ]


def test_without_a_driver_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))

    assert gpus() == []


def test_a_driver_that_does_not_answer_is_not_guessed_about(driver):
    driver("exit 9")

    assert gpus() is None
