"""docs/data.md says how data is recognised: with the words that the readers go by."""

from pathlib import Path

from kd_core.data.image_table import FILE_COLUMNS, LABEL_COLUMNS
from kd_core.data.layouts import LAYOUTS
from kd_core.data.report import MOST_CLASSES, MOST_EXAMPLES, DataReport
from kd_core.data.validation_list import NAMES

PAGE = (Path(__file__).parents[2] / "docs/data.md").read_text(encoding="utf-8")


def test_every_layout_has_its_row():
    rows = {line.split("|")[1].strip() for line in PAGE.splitlines() if line.startswith("|")}

    assert {name.partition(" (")[0] for name in LAYOUTS} <= rows


def test_every_column_and_list_that_is_known_is_named():
    words = PAGE.casefold()

    assert [n for n in (*FILE_COLUMNS, *LABEL_COLUMNS, *NAMES) if f"`{n}`" not in words] == []


def test_every_part_of_the_report_is_explained():
    keys = DataReport.model_fields.keys() - {"classes_left_out"}

    assert [key for key in keys if f"`{key}`" not in PAGE] == []
    assert f"first {MOST_CLASSES} classes" in PAGE
    assert f"at most {MOST_EXAMPLES} entries" in PAGE
