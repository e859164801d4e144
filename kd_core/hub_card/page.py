"""The card from its title to its last section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from kd_core.hub_card import numbers
from kd_core.hub_card.front_matter import front_matter
from kd_core.hub_card.markdown import program, text
from kd_core.hub_card.programs import programs
from kd_core.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kd_core.hub_card.subject import Subject
    from kd_core.spec.models import AnyTeacher

SHOWN_CLASSES = 100
SHOWN_DIGITS = 12
OF_NUMBERS = (
    "The numbers hold for images like those that it was measured on. Any image gets one of the "
    "classes as an answer, also one that shows none of them."
)
OF_TIMES = "Times are of one machine; measure on yours."
OF_TEACHERS = "A student learns what its teacher knows, mistakes included."
WITHOUT_TEST = (
    "The data brought no test split. The validation samples were not trained on, but who tries "
    "many recipes on them chooses by them."
)


def page(subject: Subject) -> str:
    sections = (_intro, _numbers, _use, _making, _images, _classes, _verdict, _limits, _proof)
    parts = [part for section in sections for part in section(subject)]
    return front_matter(subject) + "\n" + "\n\n".join(parts) + "\n"


def _intro(subject: Subject) -> Iterator[str]:
    yield f"# {text(subject.report.name)}"
    classes = f"{subject.card.classes} classes" if subject.card.classes else "its classes"
    how = "distilled from a teacher" if subject.spec.all_teachers else "trained on labels"
    yield (
        f"An image classifier, `{subject.card.architecture}`, that puts an image into one of "
        f"{classes}; {how} by Stillhouse."
    )


def _numbers(subject: Subject) -> Iterator[str]:
    report = subject.report
    how = report.student.measured
    yield "## What it is worth"
    yield (
        f"On {how.samples:,} validation samples that were held out of training, each file by "
        f"itself. Times are of one image, on {_machine(subject)} with {how.threads} CPU thread(s)"
        + ("." if subject.device == "cpu" else "; those of exports on its CPU.")
    )
    yield numbers.measured(subject)
    if failed := "\n".join(numbers.left_out(report)):
        yield failed
    on_test = numbers.on_test(report)
    if report.test is not None and on_test is not None:
        yield f"On {report.test.samples:,} test samples, which nothing was chosen by:"
        yield on_test
    if (gain := numbers.gain(report)) is not None:
        yield gain


def _machine(subject: Subject) -> str:
    return text(subject.device_name) if subject.device_name else "the machine of the run"


def _use(subject: Subject) -> Iterator[str]:
    yield "## Use it"
    yield (
        "Each program runs beside this file and takes the path of an image: "
        "`python program.py photo.jpg`. Pillow reads the image file, and nothing else needs it."
    )
    for one in programs(subject):
        yield f"### {one.title}"
        yield f"Needs {one.needs}."
        yield program("python", one.code)


def _making(subject: Subject) -> Iterator[str]:
    spec = subject.spec
    yield "## How it was made"
    lines = [
        f"- Student: `{spec.student.architecture}`{_init(subject)}",
        *(_teacher(subject, pointer, teacher) for pointer, teacher in spec.all_teachers.items()),
        f"- Data: {text(subject.data_name)}{_digest(subject, 'data')}",
        f"- Seeds: {', '.join(map(str, spec.recipe.seeds))}",
    ]
    yield "\n".join(lines)
    resolved = spec.resolved()
    document = {key: resolved[key] for key in ("loss", "recipe")}
    yield program("yaml", yaml.safe_dump(document, sort_keys=False))
    if subject.report.chosen:
        chosen = ", ".join(f"{text(k)} {text(v)}" for k, v in subject.report.chosen.items())
        yield f"Chosen on the machine: {chosen}."


def _init(subject: Subject) -> str:
    digest = _digest(subject, "student.init")
    return f", which began with weights that were given{digest}" if digest else ""


def _teacher(subject: Subject, pointer: str, teacher: AnyTeacher) -> str:
    if teacher.architecture is not None:
        what = f"`{teacher.architecture}`"
    else:
        what = "an ONNX graph" if teacher.is_graph else "a network that its checkpoint describes"
    return f"- Teacher: {what}{_digest(subject, pointer.strip('/').replace('/', '.'))}"


def _digest(subject: Subject, name: str) -> str:
    digest = subject.inputs.get(name)
    return "" if digest is None else f", SHA-256 `{digest[:SHOWN_DIGITS]}`"


def _images(subject: Subject) -> Iterator[str]:
    card = subject.card
    yield "## Preprocessing"
    yield (
        f"RGB; the shorter side resized to {card.image_size}, bicubic; the square in the middle; "
        f"divided by 255; less the mean {_three(card.mean)}, divided by the deviation "
        f"{_three(card.std)}. The programs above do that."
    )


def _three(values: tuple[float, float, float] | None) -> str:
    return "of timm's configuration" if values is None else f"({', '.join(map(str, values))})"


def _classes(subject: Subject) -> Iterator[str]:
    names = subject.card.class_names
    if names is None:
        return
    yield "## Classes"
    more = len(names) - SHOWN_CLASSES
    listed = ", ".join(text(name) for name in names[:SHOWN_CLASSES])
    yield f"In the order of the logits: {listed}" + (f" and {more} more" if more > 0 else "") + "."


def _verdict(subject: Subject) -> Iterator[str]:
    if subject.report.gates:
        yield "## Gates"
        yield numbers.gates(subject.report)
        yield f"Verdict: **{subject.report.verdict}**."


def _limits(subject: Subject) -> Iterator[str]:
    yield "## Limits"
    limits = [OF_NUMBERS, OF_TIMES]
    if subject.spec.all_teachers:
        limits.append(OF_TEACHERS)
    if subject.report.test is None:
        limits.append(WITHOUT_TEST)
    yield "\n".join(f"- {limit}" for limit in limits)


def _proof(_subject: Subject) -> Iterator[str]:
    yield "## Proof"
    yield (
        f"`{MANIFEST}` has the specification, the digests of what it was made from and the SHA-256 "
        "of every file; `still verify .` holds the files against it, and `still verify . --data "
        "PATH` measures again."
    )
