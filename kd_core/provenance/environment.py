"""What is installed here, and on which machine: as digests, names and versions; no paths."""

from __future__ import annotations

import hashlib
import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from kd_core.manifest import Environment

ROOT = Path(__file__).parents[1]
DISTRIBUTION, TRAINING = "stillhouse", "worker"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


def environment(device: str) -> Environment:
    packages = installed()
    return Environment(
        stillhouse=packages[DISTRIBUTION],
        code=source_digest(ROOT),
        lock=lock_of(packages),
        packages=packages,
        python=platform.python_version(),
        platform=platform.platform(),
        device_name=device_name(device),
    )


@cache
def source_digest(root: Path) -> str:
    """Of every file of the package, by its name within: the same for a checkout and a wheel of one
    source, whatever was compiled of it since.
    """
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            of_file = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{of_file}  {path.relative_to(root).as_posix()}\n".encode())
    return digest.hexdigest()


@cache
def installed() -> dict[str, str]:
    """Stillhouse, and all that it rests on when it trains, as far as it is there. What else
    somebody has installed is nobody's business.
    """
    found: dict[str, str] = {}
    waiting = [(DISTRIBUTION, TRAINING)]
    while waiting:
        name, extra = waiting.pop()
        if name not in found:
            try:
                found[name] = version(name)
            except PackageNotFoundError:  # for another system, or another extra
                continue
            waiting += [(needed, "") for needed in _needed(name, extra)]
    return dict(sorted(found.items()))


def lock_of(packages: dict[str, str]) -> str:
    lines = "".join(f"{name}=={packages[name]}\n" for name in sorted(packages))
    return hashlib.sha256(lines.encode()).hexdigest()


def device_name(device: str) -> str:
    if device != "cuda":
        return _processor()
    import torch

    return torch.cuda.get_device_name(0)


def _needed(name: str, extra: str) -> list[str]:
    needed = []
    for line in requires(name) or ():
        asked, of_extra = NAME.match(line), EXTRA.search(line)
        if asked and (of_extra is None or of_extra[1] == extra):
            needed.append(re.sub(r"[-_.]+", "-", asked[0]).lower())
    return needed


def _processor(known: Path = Path("/proc/cpuinfo")) -> str:
    """Its model, where the kernel tells; not every architecture has one."""
    try:
        text = known.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    model = re.search(r"^model name\s*:\s*(.+)$", text, flags=re.MULTILINE)
    return model[1].strip() if model else platform.machine()
