"""dashboard/src/api/schema.d.ts, made from the OpenAPI document by openapi-typescript."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from openapi_document import document

DASHBOARD = Path(__file__).parent.parent / "dashboard"


def can_be_made() -> bool:
    return (DASHBOARD / "node_modules/.bin/openapi-typescript").exists()


def types() -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        path.write_text(json.dumps(document()), encoding="utf-8")
        return subprocess.run(  # noqa: S603 - nothing of it comes from outside
            ["npm", "run", "--silent", "api-types", "--", path],  # noqa: S607 - the npm of ./dev
            cwd=DASHBOARD,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
