"""Convolution the other way round: what each place of the images adds to the results around it.

For kernels with more channels than results, and for images with zeros between their elements, this
moves less memory than windows do: the windows of such results are larger than their parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product as every
from math import prod

from graphc.runtime.kernels.table import Array
from graphc.runtime.plan.call import Call, Table, fill
from graphc.runtime.plan.memory import Place
from graphc.runtime.plan.windows.geometry import Geometry
from graphc.runtime.plan.windows.strategy import Block, Strategy, as_matrix, shaped


class Scattered(Strategy):
    """A product for each tap of the kernel, added to the results that the tap leads to.

    The strides are 1; the kernel may have other values at each call.
    """

    is_fed = False

    def __init__(self, geometry: Geometry, kernel: Place, cache: int) -> None:
        self.geometry = geometry
        self.kernel = kernel
        self.out = kernel.shape[-1]
        self._size = kernel.dtype.itemsize
        places = prod(geometry.sizes)
        image = places * (geometry.channels + self.out) + prod(geometry.places) * self.out
        together = max(cache // (image * self._size), 1)
        together = -(-geometry.images // -(-geometry.images // together))
        self.blocks = [
            Block((n, min(n + together, geometry.images)), (0, geometry.places[0]))
            for n in range(0, geometry.images, together)
        ]

    @property
    def scratch(self) -> Sequence[int]:
        """One tap's part, and images as a matrix."""
        count = self.blocks[0].count * prod(self.geometry.sizes) * self._size
        return count * self.out, count * self.geometry.channels

    def calls(self, block: Block, x: Array, result: Array, scratch: Sequence[Array]) -> list[Call]:
        """A product and a sum for each tap."""
        geometry = self.geometry
        images = x[slice(*block.images)]
        calls, matrix = as_matrix(images, scratch[1])
        part = shaped(scratch[0], (len(matrix), self.out), x)
        parts = part.reshape(*images.shape[:-1], self.out)
        target = result.reshape(block.count, *geometry.places, self.out)
        kernel = self.kernel.array()
        rows = tuple(
            (kernel[tap], target[(slice(None), *into)], parts[(slice(None), *source)])
            for tap, source, into in self._meetings()
        )
        text = "for k, a, b in {}: matmul({}, k, out={}); add(a, b, out=a)"
        return [*calls, fill(target, 0), Call(text, (Table(rows), matrix, part))]

    def _meetings(self) -> Iterator[tuple[tuple[int, ...], list[slice], list[slice]]]:
        """Each tap, with the elements that it leads from and the results that it leads to."""
        geometry = self.geometry
        for tap in every(*map(range, geometry.window)):
            source, into = [], []
            for i, n, u, (before, _), d, m in zip(
                tap, geometry.sizes, geometry.spread, geometry.padding,
                geometry.dilation, geometry.places, strict=True,
            ):  # fmt: skip
                # Element r meets result r * u + moved.
                moved = before - i * d
                first = max(-(moved // u), 0)
                last = min((m - 1 - moved) // u, n - 1)
                if first > last:
                    break
                source.append(slice(first, last + 1))
                into.append(slice(first * u + moved, last * u + moved + 1, u))
            else:
                yield tap, source, into
