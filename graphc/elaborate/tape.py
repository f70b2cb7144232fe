"""What a block instance made, so that applying it again finds the same layers.

`f = residual(64)` is one instance: `a -> f` makes its layers, and `b -> f` shares them. The body
is executed both times, since its sizes may differ; the layers come from the tape the second time.
"""

from __future__ import annotations

from typing import Any

from graphc.diagnostics.codes import SHARED_LAYER_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.elaborate.naming import Namer
from graphc.ir.graph import LayerUse


class Tape:
    """The layers of one block instance, in the order in which they were made."""

    def __init__(self) -> None:
        self.name = ""
        self.namer = Namer()
        self.uses: list[LayerUse] = []
        self.is_complete = False
        self.is_broken = False
        """After a fault in a later use: what follows from it is silent."""
        self._next = 0

    def rewind(self) -> None:
        """Start again from the first layer."""
        self._next = 0
        self.is_broken = False

    def next(self, layer: Any) -> LayerUse | None:
        """The layer made at this point the first time; a fault where another one is asked for.

        None after a fault.
        """
        if self.is_broken:
            return None
        found = self.uses[self._next] if self._next < len(self.uses) else None
        self._next += 1
        if found is None or _key(found.layer) != _key(layer):
            self.is_broken = True
            raise Fault(
                SHARED_LAYER_MISMATCH,
                f"is shared with an earlier use of {self.name}, which made "
                + (f"{found.type_name} `{found.name}`" if found else "no layer")
                + " here",
                label="the sizes of its input lead it another way",
                help="write the block's parentheses at each use to make new layers",
            )
        return found


def _key(layer: Any) -> Any:
    return getattr(layer, "key", layer)
