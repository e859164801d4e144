"""`still doctor`: what this machine can do, and what to do about what it cannot."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import click

from kd_core.models.sandbox import sandbox_status
from stillhouse.cli import extras
from stillhouse.cli.exit_codes import ExitCode

INSTALL = "pip install 'stillhouse[local]'"
LITTLE_SPACE = 5 * 10**9
ASK_TORCH = (
    "import torch; print(', '.join(torch.cuda.get_device_name(i) "
    "for i in range(torch.cuda.device_count())))"
)


@dataclass(frozen=True)
class Finding:
    name: str
    state: Literal["ok", "warning", "missing"]
    found: str
    hint: str = ""


def _python() -> Finding:
    return Finding("python", "ok", platform.python_version())


def _packages() -> Finding:
    """What training needs, without importing any of it."""
    found, missing = [], []
    for name in ("torch", "timm", "safetensors", "numpy", "pillow", "scikit-learn"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", "missing", f"no {', '.join(missing)}", INSTALL)
    return Finding("packages", "ok", ", ".join(found))


def _service() -> Finding:
    """What `still up` needs besides; a machine that only trains can do without."""
    absent = [name for name in extras.SERVING if find_spec(name) is None]
    if absent:
        return Finding("service", "warning", f"no {', '.join(absent)}", INSTALL)
    return Finding("service", "ok", "`still up` can run the whole service here")


def _devices() -> Finding:
    """Asked of torch in a process of its own: importing it here would cost every other verb."""
    asked = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", ASK_TORCH], capture_output=True, text=True, check=False
    )
    if asked.returncode != 0:
        reason = (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
        return Finding("devices", "missing", f"torch does not start: {reason}", INSTALL)
    names = asked.stdout.strip()
    return Finding("devices", "ok", names or "no CUDA device; training runs on the CPU")


def _threads() -> Finding:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Finding("processors", "ok", str(count))


def _sandbox() -> Finding:
    status = sandbox_status()
    if status.available:
        return Finding("sandbox", "ok", status.reason)
    hint = "convert .pt checkpoints to .safetensors elsewhere; those are always accepted"
    return Finding("sandbox", "warning", status.reason, hint)


def _disk() -> Finding:
    folder = Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        return Finding("disk", "warning", f"{_mb(free)} free in {folder}", "make room")
    return Finding("disk", "ok", f"{_mb(free)} free in {folder}")


def _mb(count: int) -> str:
    return f"{count / 10**6:,.0f} MB"


CHECKS: tuple[Callable[[], Finding], ...] = (
    _python,
    _packages,
    _service,
    _devices,
    _threads,
    _sandbox,
    _disk,
)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> int:
    """Say what this machine can do; exits 1 when training is not possible here."""
    import json

    findings = [check() for check in CHECKS]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    for finding in [] if as_json else findings:
        click.echo(f"{finding.state:<8} {finding.name:<14} {finding.found}")
        if finding.hint:
            click.echo(f"{'':<24}{finding.hint}")
    missing = any(finding.state == "missing" for finding in findings)
    return ExitCode.UNEXPECTED if missing else ExitCode.OK
