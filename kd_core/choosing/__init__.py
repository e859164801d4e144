"""What `auto` means on this machine: tried once, written down, and kept by every resume."""

from kd_core.choosing.student_numbers import amp
from kd_core.choosing.teacher_numbers import teacher_precision

__all__ = ["amp", "teacher_precision"]
