"""Which examples make up the batches of each epoch."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np

from graphc.record import Record
from graphc.runtime.kernels.table import Array

DEFAULT_BATCH = 32


class Epochs(Record):
    """How a number of examples is gone through, epoch after epoch.

    What an epoch takes depends on the seed and on its number alone, so that one that is begun again
    takes the same. Where epochs have fewer `steps` than it takes to see all examples, those that
    follow go on with the rest, as in Keras.
    """

    size: int
    batch_size: int
    steps: int | None = None
    shuffle: bool = True
    seed: int = 0
    first: int = 0
    """The number of the first epoch."""

    def batches(self, epoch: int) -> Sequence[slice | Array]:
        """The rows of each batch: an array of their numbers where they are shuffled."""
        count = ceil(self.size / self.batch_size)
        steps = min(self.steps or count, count)
        parts = ceil(count / steps)
        whole, part = divmod(epoch - self.first, parts)
        bounds = [
            (number * self.batch_size, min((number + 1) * self.batch_size, self.size))
            for number in range(part * steps, min((part + 1) * steps, count))
        ]
        if not self.shuffle:
            return [slice(*each) for each in bounds]
        order = np.random.default_rng([self.seed % 2**64, self.first + whole])
        rows = order.permutation(self.size)
        return [rows[start:stop] for start, stop in bounds]


def batch_size_for(size: int, given: int | None, steps: int | None) -> int:
    """The number of examples in a batch where none is given: what the steps take, or 32."""
    return given or (ceil(size / steps) if steps else DEFAULT_BATCH)
