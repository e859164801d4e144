"""What a CI does with a file of `examples/ci/`: its commands as printed, in its kind of shell."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

EXAMPLES = Path(__file__).parents[2] / "examples/ci"
PACKAGE = "STILLHOUSE_PACKAGE"
"""Where a test has it is its own; all else is as the example says."""
CANCELLED, FAILED, SUCCEEDED = "cancelled", "failed", "succeeded"


def example(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))
    return found


@dataclass
class Run:
    """A pipeline in its folder. With `leave_at`, somebody cancels it before that command."""

    folder: Path
    environ: dict[str, str]
    leave_at: str | None = None
    state: str = SUCCEEDED
    codes: list[int] = field(default_factory=list)
    printed: str = ""

    def shell(self, text: str) -> int:
        done = subprocess.run(
            ["bash", "-e", "-c", text],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        self.printed += done.stdout + done.stderr
        self.codes.append(done.returncode)
        return done.returncode

    def is_left(self, text: str) -> bool:
        return self.leave_at is not None and self.leave_at in text


def github(run: Run, given: Mapping[str, str]) -> list[Path]:
    """The one job of the workflow; what it uploads. `given`: the repository's variables."""
    (job,) = example("github.yml")["jobs"].values()
    kept = run.folder / "github.env"
    run.environ |= {name: _filled(value, given) for name, value in job["env"].items()}
    run.environ |= {PACKAGE: given[PACKAGE], "GITHUB_ENV": str(kept)}
    kept.touch()
    uploads: list[Path] = []
    for step in job["steps"]:
        if _happens(step.get("if", "success()"), run):
            if "run" in step and run.is_left(step["run"]):
                run.state = CANCELLED
            elif "run" in step and run.shell(step["run"]) and run.state == SUCCEEDED:
                run.state = FAILED
            paths = step.get("with", {}).get("path", "").split()
            uploads += [run.folder / path for path in paths]
        lines = kept.read_text().splitlines()
        run.environ |= dict(line.split("=", 1) for line in lines)
    return uploads


def _happens(condition: str, run: Run) -> bool:
    """The few conditions that the example has: one about how it goes, perhaps one about JOB."""
    how, *others = condition.split(" && ")
    states = {"success()": {SUCCEEDED}, "cancelled()": {CANCELLED}}
    goes = states.get(how, {SUCCEEDED, FAILED, CANCELLED} if how == "always()" else set())
    known = {"env.JOB": bool(run.environ.get("JOB"))}
    return run.state in goes and all(known[other] for other in others)


def _filled(text: str, given: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (?:vars|secrets)\.(\w+) \}\}", lambda found: given[found[1]], text)


def gitlab(run: Run, given: Mapping[str, str]) -> list[Path]:
    """The one job of the pipeline; what it keeps, the report of its tests included."""
    (job,) = example("gitlab.yml").values()
    run.environ = run.environ | job["variables"] | dict(given)
    script = job["script"]
    if run.leave_at is not None:
        left = next(place for place, text in enumerate(script) if run.is_left(text))
        run.state, script = CANCELLED, script[:left]
    # One shell for all lines, which ends at the first that fails.
    if run.shell("\n".join(script)) and run.state == SUCCEEDED:
        run.state = FAILED
    status = {SUCCEEDED: "success", FAILED: "failed", CANCELLED: "canceled"}[run.state]
    run.environ["CI_JOB_STATUS"] = status
    run.shell("\n".join(job["after_script"]))
    kept = [*job["artifacts"]["paths"], *job["artifacts"]["reports"].values()]
    return [run.folder / path for path in kept] if job["artifacts"]["when"] == "always" else []
