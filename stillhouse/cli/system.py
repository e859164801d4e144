"""`still workers` and `still storage`: the machines that jobs run on, and the room files take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from stillhouse.cli.connection import connected, json_option
from stillhouse.cli.printing import print_json, print_table

GIB, GB = 2**30, 10**9


@click.command()
@json_option
def workers(*, as_json: bool) -> None:
    """List the workers: what each is made of, and which of your jobs it has."""
    with connected() as client:
        found = client.system.workers()
    if as_json:
        print_json(found)
        return
    print_table(
        ("worker", "state", "busy", "machine", "your jobs", "heard of"),
        [
            (
                one.name,
                one.state,
                f"{one.busy} of {one.slots}",
                _made_of(one.machine),
                ", ".join(one.jobs) or "-",
                "-" if one.heartbeat_at is None else f"{one.heartbeat_at:%Y-%m-%d %H:%M}Z",
            )
            for one in found
        ],
    )


@click.command()
@json_option
def storage(*, as_json: bool) -> None:
    """Say how much room models, data sets and everything else take, and what is left."""
    with connected() as client:
        found = client.system.storage()
    if as_json:
        print_json(found)
        return
    rows = [(one.kind, str(one.count), f"{one.bytes:,}") for one in found.data]
    print_table(("kind", "files", "bytes"), rows)
    if "free_bytes" in found.disk:
        click.echo(f"{found.disk['free_bytes'] / GB:,.1f} GB are free where files are kept")


def _made_of(machine: Mapping[str, Any]) -> str:
    told = [str(gpu["name"]) for gpu in machine.get("gpus") or ()]
    if processors := machine.get("processors"):
        told.append(f"{processors} processors")
    if memory := machine.get("memory_bytes"):
        told.append(f"{memory / GIB:.0f} GiB")
    return ", ".join(told) or "not told"
