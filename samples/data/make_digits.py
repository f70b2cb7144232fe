"""Makes digits.npz: scikit-learn's handwritten digits, divided for training and testing.

    pip install scikit-learn
    python samples/data/make_digits.py

The file is the same each time, byte for byte.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from graphc.interop.weights.npz import write_npz

TESTED = 360
SEED = 0


def main() -> None:
    """Write the file beside this one, named and laid out as `keras.datasets` does."""
    digits = load_digits()
    order = np.random.default_rng(SEED).permutation(len(digits.target))
    x = digits.images.astype(np.uint8)[order]
    y = digits.target.astype(np.uint8)[order]
    with (Path(__file__).parent / "digits.npz").open("wb") as file:
        write_npz(
            file,
            {
                "x_train": x[:-TESTED],
                "y_train": y[:-TESTED],
                "x_test": x[-TESTED:],
                "y_test": y[-TESTED:],
            },
        )


if __name__ == "__main__":
    main()
