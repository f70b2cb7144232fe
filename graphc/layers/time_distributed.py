"""A layer applied to every timestep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from graphc.declare.needs import Need, Rank
from graphc.declare.scope import Scope
from graphc.diagnostics.codes import OUTPUT_COUNT, SHAPE_MISMATCH
from graphc.diagnostics.fault import Fault
from graphc.ir.dims import shape_text
from graphc.ir.dtypes import is_float
from graphc.ir.shapes import merge_dims
from graphc.ir.tensor import Tensor
from graphc.layers.recurrent import swap_time
from graphc.layers.repeat import repeat
from graphc.layers.wrapper import Wrapper, inner_fault
from graphc.ops.convert import cast


class TimeDistributed(Wrapper):
    """Apply a layer to each slice along axis 1, with the same weights."""

    category = "recurrent"
    supports_masking = True
    needs: ClassVar[Mapping[str, Need]] = {"inputs": Rank(at_least=3, axes="batch, timesteps, …")}

    def call(
        self,
        scope: Scope,
        inputs: Tensor,
        training: bool = False,
        mask: Tensor | None = None,
    ) -> Tensor:
        """[B, T, ...] -> [B, T, *what the layer makes of [B, ...]]."""
        scanned = [swap_time(inputs)]
        if mask is not None:
            _check_mask(mask, inputs)
            if "mask" in self.layer.parameters:
                scanned.append(swap_time(mask))
        _, (outputs,) = repeat(
            scope,
            lambda _, slices: ((), (self._step(scope, slices),)),
            (),
            scanned,
            length=inputs.shape[1],
        )
        return swap_time(outputs)

    def _step(self, scope: Scope, slices: Sequence[Tensor]) -> Tensor:
        inputs, *masks = slices
        layer = self.layer
        options: dict[str, Any] = {"mask": masks[0]} if masks else {}
        added = len(scope.penalties)
        try:
            output = scope.apply(layer, inputs, **options)
        except Fault as fault:
            raise inner_fault(fault, f"gives each timestep to {layer.subject}") from None
        # Keras goes around the layer's own `__call__`, which is what counts its outputs.
        scope.penalties[added:] = [
            (each, penalty) for each, penalty in scope.penalties[added:] if each is not layer
        ]
        if not isinstance(output, Tensor):
            raise Fault(
                OUTPUT_COUNT,
                f"needs a layer with one output, got {layer.subject} with {len(output)}",
                arguments=("layer",),
            )
        return cast(output, self.compute_dtype) if is_float(output.dtype) else output


def _check_mask(mask: Tensor, inputs: Tensor) -> None:
    fits = mask.rank >= 2 and all(
        merge_dims(a, b) is not None for a, b in zip(mask.shape[:2], inputs.shape[:2], strict=True)
    )
    if not fits:
        raise Fault(
            SHAPE_MISMATCH,
            f"needs a mask that begins with {shape_text(inputs.shape[:2])}, got {mask.type}",
            inputs=("mask", "inputs"),
        )
