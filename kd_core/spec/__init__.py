"""The specification of a distillation: one declarative document, read without torch.

Only what works is in the schema; everything else is refused by name, with a JSON pointer.
"""

from kd_core.spec.document import (
    DataSource,
    DistillSpec,
    Resources,
    Split,
)
from kd_core.spec.export import Export
from kd_core.spec.models import Student, Teacher
from kd_core.spec.reading import parse_spec, read_spec
from kd_core.spec.recipe import Recipe

__all__ = [
    "DataSource",
    "DistillSpec",
    "Export",
    "Recipe",
    "Resources",
    "Split",
    "Student",
    "Teacher",
    "parse_spec",
    "read_spec",
]
