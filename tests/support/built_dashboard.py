"""A dashboard as its build leaves it, in a few bytes."""

from __future__ import annotations

import gzip
from pathlib import Path

SCRIPT = b'document.title = "Stillhouse";\n' * 40
INDEX = b"""<!doctype html>
<html lang="en">
  <head>
    <base href="/" />
    <script type="module" src="./assets/index-C-JIIqJK.js"></script>
    <link rel="stylesheet" href="./assets/index-Dk3.css">
  </head>
</html>
"""
BROTLI = b"what only a browser takes apart"
FILES = {
    "index.html": INDEX,
    "favicon.svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "assets/index-C-JIIqJK.js": SCRIPT,
    "assets/index-C-JIIqJK.js.br": BROTLI,
    "assets/index-C-JIIqJK.js.gz": gzip.compress(SCRIPT),
    "assets/index-Dk3.css": b"body { margin: 0 }",
}


def built_dashboard(folder: Path) -> Path:
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
