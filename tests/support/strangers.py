"""Environments of strangers: an interpreter that sees what they installed, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
RUN = "import sys; sys.path.append({packages!r}); sys.argv = {arguments!r}; exec({program!r})"


def environment_of(folder, *names):
    """A folder with links to these packages and to what they need, as an installer would pick."""
    folder.mkdir()
    for name in _closure(names):
        files = distribution(name).files or ()
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(distribution(name).locate_file(top)))
    return folder


def run_in(environment, program, *arguments, cwd):
    """By an interpreter without site packages, without the environment of this one."""
    code = RUN.format(
        packages=str(environment), arguments=["program.py", *map(str, arguments)], program=program
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def _closure(names):
    found, waiting = set(), list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        try:
            needed = distribution(name).requires or ()
        except PackageNotFoundError:  # for another system
            continue
        if name not in found:
            found.add(name)
            waiting += [NAME.match(line)[0] for line in needed if "extra ==" not in line]
    return sorted(found)
