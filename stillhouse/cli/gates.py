"""What the gates of a job said, for people: a line for each, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

import click

from kd_core.report import GateResult
from stillhouse.cli.printing import print_table
from stillhouse.client.answers import GateOutcome

Gate = GateResult | GateOutcome
OUTCOMES = {True: "passed", False: "failed", None: ""}


def bar(gate: Gate) -> str:
    return f"{gate.of} {gate.metric} {gate.op} {number(gate.value)}"


def measured(gate: Gate) -> str:
    if gate.measured is not None:
        return number(gate.measured)
    return gate.reason or ""


def number(value: float) -> str:
    """As many digits as it takes to see why 0.9199 is not 0.92."""
    return f"{value:.8g}"


def print_gates(gates: Sequence[Gate]) -> None:
    """Nothing where there are none."""
    if not gates:
        return
    rows = [(bar(gate), measured(gate), OUTCOMES[gate.passed]) for gate in gates]
    print_table(("gate", "measured", ""), rows)
    click.echo(_sentence(gates))


def _sentence(gates: Sequence[Gate]) -> str:
    noun = "gate" if len(gates) == 1 else "gates"
    failed = sum(gate.passed is False for gate in gates)
    if failed:
        return f"verdict: failed, {failed} of {len(gates)} {noun}"
    if all(gate.passed for gate in gates):
        return f"verdict: passed, {len(gates)} {noun}"
    return f"no verdict on {len(gates)} {noun}"
