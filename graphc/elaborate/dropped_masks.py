"""Warnings of masks that end at a layer which does not know them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphc.diagnostics.codes import MASK_DROPPED
from graphc.diagnostics.diagnostic import Label
from graphc.elaborate.builder import first_tensor
from graphc.elaborate.frame import Frame
from graphc.elaborate.uses import describe
from graphc.elaborate.values import LayerValue
from graphc.ir.graph import CallRecord
from graphc.source import Span


def warn_of_dropped_mask(
    frame: Frame, value: LayerValue, arguments: Mapping[str, Any], span: Span
) -> None:
    """Warn, as Keras does, where the first input carries a mask that the layer does not know."""
    layer = value.use.layer
    if layer.supports_masking or layer.is_opaque:
        return
    tensor = first_tensor(arguments.get(layer.parameters[0]))
    if tensor is not None and tensor.type.mask is not None:
        frame.report(
            MASK_DROPPED,
            f"{describe(value)} drops the mask of its input: what follows sees padding as data",
            span,
            others=(Label(tensor.span, f"{tensor.shown or 'this'} carries a mask"),),
        )


def warn_of_inner_mask(
    frame: Frame, value: LayerValue, calls: tuple[CallRecord, ...], span: Span
) -> None:
    """Warn of a layer of a nested model that drops a mask which comes from outside."""
    record, *around = calls
    uses = [(each.use.layer.subject, each.span) for each in around]
    frame.report(
        MASK_DROPPED,
        f"{describe(LayerValue(record.use, {}, None))} drops the mask of its input: "
        "what follows sees padding as data",
        record.span,
        others=(
            *(Label(use.span, f"in {use.block}, used here") for use in reversed(record.path)),
            *(Label(place, f"in {name}, used here") for name, place in uses),
            Label(span, f"in {value.use.layer.subject}, used here"),
        ),
    )
