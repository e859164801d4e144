"""Does distilling help here? A teacher, a student a twentieth of its size, and seven ways to teach
it, on Fashion-MNIST, over three seeds.

    python examples/fashion_mnist.py --out fashion

The time that it will take is measured and printed first. It may be killed at any moment: the same
command goes on where it stood. It ends with a table, printed and written to OUT/results.md.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from fashion import budget, page, subset
from fashion.study import ALL_IMAGES, METHODS, Study, run

from kd_core.errors import KdError

DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def main(arguments: list[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    study = asked_for(given)
    try:
        subset.write(study, given.data)
        methods = given.only or list(METHODS)
        probe = _probed(study, methods, given.data)
        print(budget.table(study, probe, methods), flush=True)
        for name in ["teacher", *methods]:
            run(study, name, log=True)
        text = page.of(study, _command(given))
    except KdError as error:
        print(error, file=sys.stderr)
        return 1
    (study.folder / "results.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def asked_for(given: argparse.Namespace) -> Study:
    return Study(
        folder=given.out,
        images=ALL_IMAGES if given.full else given.images,
        epochs=given.epochs,
        seeds=tuple(given.seeds),
        threads=given.threads,
    )


def _probed(study: Study, methods: list[str], data: Path) -> Study:
    """A study in a minute that tells how long this one takes. What is done is not repeated."""
    probe = study.probe()
    subset.write(probe, data)
    for name in ["teacher", *methods]:
        run(probe, name)
    return probe


def _command(given: argparse.Namespace) -> str:
    """What a reader types to get the same table: what was left out of it is the default."""
    words = ["python", "examples/fashion_mnist.py"]
    words += ["--full"] if given.full else []
    for name in ("images", "epochs", "seeds", "threads"):
        value = getattr(given, name)
        if value != parser().get_default(name):
            words += [f"--{name}", *map(str, value if isinstance(value, list) else [value])]
    return shlex.join(words)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    made.add_argument("--data", type=Path, default=DEBIAN, help="folder with the four IDX files")
    made.add_argument("--out", type=Path, default=Path("fashion"), help="folder of all runs")
    made.add_argument("--images", type=int, default=20_000, help="training images (20000)")
    made.add_argument("--full", action="store_true", help="all 60000 training images")
    made.add_argument("--epochs", type=int, default=10, help="of teacher and students (10)")
    made.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of the students")
    made.add_argument("--threads", type=int, help="of the CPU; all there are when not given")
    made.add_argument("--only", nargs="+", choices=METHODS, help="these rows of the table")
    return made


if __name__ == "__main__":
    sys.exit(main())
