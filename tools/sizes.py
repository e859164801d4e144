"""Report how long files and functions are, and refuse the ones nobody would read."""

from __future__ import annotations

import ast
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("api", "kd_core", "stillhouse", "worker")
LONGEST_FILE = 500
LONGEST_FUNCTION = 60


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def main() -> int:
    files: dict[Path, int] = {}
    lengths: dict[str, int] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(ROOT)
            files[name] = len(text.splitlines())
            lengths |= {f"{name}:{function}": n for function, n in functions(ast.parse(text))}
    file_median = statistics.median(files.values())
    function_median = statistics.median(lengths.values())
    print(f"{len(files)} files, median {file_median:.0f} lines, longest {max(files.values())}")
    longest = max(lengths.values())
    print(f"{len(lengths)} functions, median {function_median:.0f}, longest {longest}")
    too_long = [f"{name}: {n} lines" for name, n in files.items() if n > LONGEST_FILE]
    too_long += [f"{name}: {n} lines" for name, n in lengths.items() if n > LONGEST_FUNCTION]
    for line in too_long:
        print(f"split this: {line}")
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
