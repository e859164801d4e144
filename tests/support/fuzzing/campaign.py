"""One run of schemathesis, and what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOOKS = Path(__file__).with_name("hooks.py")
SEED = 20261121


@dataclass(frozen=True)
class Outcome:
    code: int
    said: str
    answers: Counter[tuple[str, int]]

    @property
    def cases(self) -> int:
        return self.answers.total()

    @property
    def succeeded(self) -> set[str]:
        return {operation for operation, status in self.answers if 200 <= status < 300}


def campaign(
    url: str, keys: dict[str, str], seeds: dict[str, Any], folder: Path, *words: object
) -> Outcome:
    """All checks, as the user `ours`, whose objects `theirs` must not see."""
    settings, tally = folder / "schemathesis.toml", folder / "answers.jsonl"
    users = folder / "users.json"
    authorization = _authorization(next(iter(keys.values())))
    told = {**seeds, "authorization": authorization}
    (folder / "seeds.json").write_text(json.dumps(told))
    users.write_text(json.dumps({"auth": [_user(name, key) for name, key in keys.items()]}))
    settings.write_text(_settings(seeds["values"], users, keys))
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", settings),
            *("run", f"{url}/openapi.json", "--checks", "all", "--seed", str(SEED)),
            *("--continue-on-failure", "--no-color", "--warnings", "off", *map(str, words)),
        ],
        cwd=folder,
        env={
            **os.environ,
            "FUZZING_SEEDS": str(folder / "seeds.json"),
            "FUZZING_TALLY": str(tally),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    answers = Counter((one["operation"], one["status"]) for one in _lines(tally))
    return Outcome(run.returncode, run.stdout + run.stderr, answers)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _authorization(key: str) -> str:
    return f"Bearer {key}"


def _user(name: str, key: str) -> dict[str, Any]:
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": _authorization(key)}]}


def _settings(values: dict[str, list[str]], users: Path, keys: dict[str, str]) -> str:
    """TOML, whose strings, lists and keys in quotes are those of JSON."""
    lines = [f"hooks = {json.dumps(str(HOOKS))}"]
    lines += ["[auth.wfc]", f"path = {json.dumps(str(users))}"]
    lines += [f"user = {json.dumps(next(iter(keys)))}", f"peers = {json.dumps([*keys])}"]
    lines += ["[dictionaries]"]
    lines += [
        f"{json.dumps(name)} = {{ values = {json.dumps(of)} }}" for name, of in values.items()
    ]
    lines += ["[parameters]"]
    lines += [
        f"{json.dumps(name)} = {{ dictionary = {json.dumps(name)}, probability = 0.7 }}"
        for name in values
    ]
    return "\n".join(lines)
