"""The data room: from the source that a document names to decoded, checked, split samples."""

from kd_core.data.dataset import DataSet, Samples
from kd_core.data.reading import read

__all__ = ["DataSet", "Samples", "read"]
