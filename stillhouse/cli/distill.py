"""`still distill`: a whole job on this machine, without a service."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from kd_core.workdir import MOST_DECODED_BYTES
from stillhouse.cli import extras
from stillhouse.cli.exit_codes import ExitCode
from stillhouse.cli.places import pointing_into
from stillhouse.cli.rendering import JsonLines, Lines, Live, Patient, Renderer, summary
from stillhouse.client.login import cache_folder


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--resume", is_flag=True, help="Go on with the run in --out, if it holds one.")
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON.")
@click.option(
    "--allow-torch-checkpoints/--no-torch-checkpoints",
    envvar="STILLHOUSE_ALLOW_TORCH_CHECKPOINTS",
    default=True,
    help="Accept .pt files, converted in a sandbox.  [default: allow]",
)
@click.option(
    "--cache-dir",
    envvar="STILLHOUSE_CACHE_DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Decoded images, for all runs.  [default: stillhouse/decoded in the user's cache]",
)
@click.option(
    "--cache-bytes",
    envvar="STILLHOUSE_CACHE_BYTES",
    type=click.IntRange(min=0),
    default=MOST_DECODED_BYTES,
    show_default=True,
    help="How large the cache may grow; larger data is decoded again in each epoch.",
)
@click.option(
    "--recordings-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Recorded answers of teachers, shared by runs that are given the same folder.",
)
def distill(
    *,
    spec: Path,
    out: Path,
    resume: bool,
    as_json: bool,
    allow_torch_checkpoints: bool,
    cache_dir: Path | None,
    cache_bytes: int,
    recordings_dir: Path | None,
) -> ExitCode:
    """Train the student that SPEC (a YAML or JSON file) describes.

    Ctrl-C saves a checkpoint and stops; the same command with --resume goes on from it. The exit
    code is 2 where the student is there and a gate failed.
    """
    extras.require("distill", extras.TRAINING, "trains on this machine")
    _calm_threads()
    renderer = _renderer(as_json=as_json)
    with _stop_on_signals() as should_stop:
        import kd_core

        with pointing_into(spec), renderer:
            report = kd_core.distill(
                spec,
                out,
                on_event=renderer.show,
                resume=resume,
                cache_dir=cache_dir or user_cache(),
                cache_bytes=cache_bytes,
                recordings_dir=recordings_dir,
                should_stop=should_stop,
                allow_torch_checkpoints=allow_torch_checkpoints,
            )
    if not as_json:
        summary(report, out)
    return ExitCode.GATE_FAILED if report.verdict == "failed" else ExitCode.OK


def user_cache() -> Path:
    return cache_folder(os.environ) / "decoded"


def _calm_threads() -> None:
    """Set before torch is imported: spinning threads starve their neighbours on a busy machine."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _renderer(*, as_json: bool) -> Renderer:
    if as_json:
        return Patient(JsonLines())
    return Patient(Live() if sys.stdout.isatty() else Lines())


@contextmanager
def _stop_on_signals() -> Iterator[Callable[[], bool]]:
    """The first SIGINT or SIGTERM asks for a checkpoint; a second one ends the process at once."""
    asked = False

    def ask(number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        signal.signal(number, signal.SIG_DFL)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [(number, signal.signal(number, ask)) for number in numbers]
    try:
        yield lambda: asked
    finally:
        for number, handler in before:
            signal.signal(number, handler)
