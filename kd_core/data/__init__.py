"""The data room: from the source that a document names to decoded, checked, split samples."""

from kd_core.data.dataset import DataSet, Samples
from kd_core.data.reading import read
from kd_core.data.store import DecodedStore

__all__ = ["DataSet", "DecodedStore", "Samples", "read"]
