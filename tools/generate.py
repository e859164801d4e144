"""Write the committed files that are made from code, or with --check say which are stale."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import dashboard_types
from api_page import page as api
from architecture_facts import facts as architecture_facts
from losses_page import page as losses
from specification_page import page as specification

ROOT = Path(__file__).parent.parent


def architectures() -> str:
    import timm

    import kd_core.models.cifar  # noqa: F401 - its networks join timm's

    return "\n".join(timm.list_models()) + "\n"


FILES: Mapping[str, Callable[[], str]] = {
    "kd_core/architectures.txt": architectures,
    "kd_core/architectures.json": architecture_facts,
    "docs/api.md": api,
    "docs/losses.md": losses,
    "docs/specification.md": specification,
}


TYPES = "dashboard/src/api/schema.d.ts"


def files() -> Mapping[str, Callable[[], str]]:
    if dashboard_types.can_be_made():
        return {**FILES, TYPES: dashboard_types.types}
    print(f"left out: {TYPES}, as dashboard/node_modules is not there (./dev setup makes it)")
    return FILES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when stale")
    check = parser.parse_args().check
    stale, wanted = [], files()
    for name, make in wanted.items():
        path, text = ROOT / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{'stale' if check else 'written'}: {name}")
    print(f"{len(wanted)} generated files, {len(stale)} {'stale' if check else 'rewritten'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
