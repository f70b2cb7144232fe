"""Examples from files of data, as a model and its training need them.

`open_dataset` finds the arrays of a file (`archive`, `folder`, `idx`, `table`), gives each its
place in the model (`names`), and holds it against what is needed there (`fit`, `targets`).
"""

from graphc.interop.data.arrays import read_arrays
from graphc.interop.data.dataset import Dataset, Part
from graphc.interop.data.faults import DataError
from graphc.interop.data.open import open_dataset, open_validation

__all__ = ["DataError", "Dataset", "Part", "open_dataset", "open_validation", "read_arrays"]
