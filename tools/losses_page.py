"""docs/losses.md, made from what each loss says of itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tables import table

from kd_core.losses.catalog import LOSSES, TERMS
from kd_core.losses.declaration import LossSpec
from kd_core.losses.weighing import Decay
from kd_core.spec.presets import presets

INTRODUCTION = """# The losses

<!-- Made by ./dev gen from kd_core/losses and kd_core/presets/loss. Do not edit. -->

A job's `loss` is a weighted sum of terms; nothing is added to it silently. A bare name stands for
the sum that its paper trains with, `{preset: name}` for one that was published for a data set or a
pair of models ([presets](#presets)). In Python: `kd_core.loss(kind, **parameters)(student_logits,
teacher_logits, labels)`.

Notation: B samples, C classes; s, t: logits of student and teacher; y: label; T: temperature;
p = softmax(s / T), q = softmax(t / T); KL(q || p) = sum_i q_i (log q_i - log p_i); every mean over
the batch is a mean over samples, never over B x C. T^2 keeps the size of the gradient when T rises.

What holds for all of them: half-precision logits are raised to float32, also under autocast; the
maths is in log space, without masks of large numbers; values and gradients are finite at logits of
+-50 and gaps of 200, for one sample and two classes; the teacher never gets a gradient; a tie in
the teacher goes to the lower class; a constant added to a row of logits changes nothing. Each loss
is held to that, and to a second implementation in plain loops, by `tests/property`.
"""

WEIGHT_OVER_TIME = """## The weight of a term over time

Every term has `weight`, `warmup_epochs` (W: the weight is multiplied by min(epoch / W, 1), epochs
counted from 1) and `decay`. A term that makes up less than 1 % or more than 95 % of the loss over
an epoch, at its full weight, is a warning event; `recipe.term_gradients: true` records how hard
each term pulls at the student's logits.

"""


def page() -> str:
    parts = [INTRODUCTION, "\n".join(_overview()), ""]
    parts += [_section(spec) for spec in LOSSES.values()]
    parts += [f"{WEIGHT_OVER_TIME}{table(Decay.model_json_schema())}"]
    parts += ["## Presets\n", "\n".join(_presets()), ""]
    return "\n".join(parts)


def _overview() -> Iterator[str]:
    yield "| loss | what it does | family | needs | paper |"
    yield "| --- | --- | --- | --- | --- |"
    for spec in LOSSES.values():
        yield (
            f"| [`{spec.kind}`](#{spec.kind}) | {spec.summary} | {spec.family} | {_needs(spec)} "
            f"| {spec.paper} |"
        )


def _section(spec: LossSpec) -> str:
    about = spec.about
    invariants = "\n".join(f"- {sentence}" for sentence in about.invariants)
    return f"""## {spec.kind}

{spec.summary}

```text
{about.formula}
```

{about.use}

- Paper: {spec.paper}. {_sentence(spec.source)}
- Needs: {_needs(spec)}.{_labels(spec)}
- Cost: {about.cost}.
- The bare name means `{json.dumps(list(spec.paper_sum))}`.

{table(_own_parameters(spec))}
{invariants}
"""


def _needs(spec: LossSpec) -> str:
    return ", ".join(need.replace("_", " ") for need in spec.needs.words)


def _labels(spec: LossSpec) -> str:
    mixed = " Takes labels that mixup or cutmix shared out." if spec.mixed_labels else ""
    learned = " Learns a part of its own, beside the student." if spec.adapter else ""
    return mixed + learned


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


def _own_parameters(spec: LossSpec) -> dict[str, Any]:
    """Of the loss, with the weight; what every term has beside is said once."""
    schema = TERMS[spec.kind].model_json_schema()
    shown = {
        name: field
        for name, field in schema["properties"].items()
        if name not in ("kind", "warmup_epochs", "decay")
    }
    return {**schema, "properties": shown}


def _presets() -> Iterator[str]:
    yield "| preset | for | terms | source |"
    yield "| --- | --- | --- | --- |"
    for name, found in presets("loss").items():
        terms = "<br>".join(f"`{json.dumps(term)}`" for term in found.terms)
        yield f"| `{name}` | {found.about} | {terms} | {found.source} |"
