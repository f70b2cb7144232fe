"""Draws what an autoencoder is given, and below it what it gives back.

    graphc train samples/digits_autoencoder.net --data samples/data/digits.npz -o weights.npz
    python samples/reconstructions.py weights.npz reconstructions.png

For the digits of samples/data without further arguments; `--model` and `--data` are for others.
Needs matplotlib: pip install 'graphc[plot]'
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

import graphc
from graphc.interop.data import open_dataset

SAMPLES = Path(__file__).parent
INK = "#1c2430"


def main() -> None:
    """Run the model on the first test images, and draw both rows."""
    parser = argparse.ArgumentParser(description="Inputs of an autoencoder beside its outputs.")
    parser.add_argument("weights")
    parser.add_argument("picture")
    parser.add_argument("--model", default=SAMPLES / "digits_autoencoder.net", type=Path)
    parser.add_argument("--data", default=SAMPLES / "data" / "digits.npz", type=Path)
    parser.add_argument("--count", default=10, type=int)
    options = parser.parse_args()

    model = graphc.load(options.model)
    run = model.compile(model.load_weights(options.weights))
    data = open_dataset(str(options.data), model.model_graph, "test")
    [given] = data.rows(slice(0, options.count)).inputs.values()
    figure(given[..., 0], np.asarray(run(given))[..., 0]).savefig(options.picture)


def figure(given: Any, found: Any) -> Figure:
    """Two rows of images, in the same shades."""
    drawn = Figure((8, 2.1), dpi=100, layout="constrained")
    axes = drawn.subplots(2, len(given), squeeze=False)
    for row, (images, name) in enumerate(((given, "input"), (found, "output"))):
        for column, image in enumerate(images):
            place = axes[row, column]
            place.imshow(image, cmap="gray_r", vmin=given.min(), vmax=given.max())
            place.set_xticks([])
            place.set_yticks([])
        axes[row, 0].set_ylabel(name, color=INK)
    error = np.sqrt(np.mean((found - given) ** 2)) / (given.max() - given.min())
    drawn.suptitle(f"root mean square error: {error:.1%} of the range", color=INK, fontsize=10)
    return drawn


if __name__ == "__main__":
    main()
